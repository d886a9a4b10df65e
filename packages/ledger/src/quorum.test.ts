import { expect, test } from 'vitest';

import { isWitnessed } from './quorum.ts';

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
