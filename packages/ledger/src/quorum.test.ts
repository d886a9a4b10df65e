import { expect, test } from 'vitest';

import { isWitnessed, witnessTime } from './quorum.ts';

const rule = { operator: 'bureau-1', authority: 'authority' };

test.each([
  [['broker', 'consumer']],
  [['authority', 'broker']],
  [['bureau-1', 'broker', 'consumer']],
  [['broker', 'broker', 'authority']],
])('a checkpoint with cosignatures by %j counts', (members) => {
  expect(isWitnessed(members, rule)).toBe(true);
});

test.each([
  ['by nobody', []],
  ['by one', ['broker']],
  ['by one with two keys', ['broker', 'broker']],
  ['by the authority alone', ['authority', 'authority']],
  ['by its operator and one', ['bureau-1', 'broker']],
  ['by its operator and the authority', ['bureau-1', 'authority']],
])('a checkpoint cosigned %s does not count', (_, members) => {
  expect(isWitnessed(members, rule)).toBe(false);
});

test("the authority's own ledger needs two others", () => {
  const own = { operator: 'authority', authority: 'authority' };
  expect(isWitnessed(['authority', 'broker'], own)).toBe(false);
  expect(isWitnessed(['consumer', 'broker'], own)).toBe(true);
});

const at = (witness: string, time_s: number) => ({ witness, time_s });

test('the witness time is when the cosignatures first made it count, in whatever order they stand', () => {
  const lines = [at('consumer', 30), at('authority', 10), at('broker', 20)];
  expect(witnessTime(lines, rule)).toBe(20);
  expect(witnessTime(lines.toReversed(), rule)).toBe(20);
  expect(witnessTime([at('bureau-1', 5), ...lines], rule)).toBe(20);
  expect(witnessTime([at('broker', 1), at('broker', 2), at('consumer', 9)], rule)).toBe(9);
});

test.each([
  ['nobody', []],
  ['one', [at('broker', 1)]],
  ['the authority alone', [at('authority', 1), at('authority', 2)]],
  ['its operator and the authority', [at('bureau-1', 1), at('authority', 2)]],
])('there is none where it was seen by %s', (_, lines) => {
  expect(witnessTime(lines, rule)).toBeUndefined();
});
