import { expect, test } from 'vitest';

import { keptSince, keptUntil, NATIONAL_RETENTION } from './retention.ts';

const at = (iso: string): number => Date.parse(iso);

test('the longest time of what there is decides, and nothing is counted of what there is not', () => {
  const asked = at('2026-11-26T10:00:00Z');
  const rules = keptUntil({ accesses: at('2026-11-20T08:00:00Z'), adverse_information: asked });
  expect(rules.map(({ id, untilMs }) => [id, new Date(untilMs).toISOString()])).toEqual([
    ['cn.keep.adverse', '2031-11-26T10:00:00.000Z'],
    ['cn.keep.accesses', '2029-11-20T08:00:00.000Z'],
  ]);
  expect(keptUntil({})).toEqual([]);
});

test('a month without the day ends on its last one', () => {
  const [rule] = keptUntil({ disputes: at('2024-02-29T23:59:59Z') });
  expect(new Date(rule?.untilMs ?? 0).toISOString()).toBe('2027-02-28T23:59:59.000Z');
});

test('all from one moment on: the longest decides, and where there is nothing the moment itself', () => {
  const from = at('2026-11-26T10:00:00Z');
  const until = (kinds: Parameters<typeof keptSince>[1]) => new Date(keptSince(from, kinds)).toISOString();
  expect(until([])).toBe('2026-11-26T10:00:00.000Z');
  expect(until(['accesses', 'consents', 'disputes'])).toBe('2029-11-26T10:00:00.000Z');
  expect(until(['accesses', 'adverse_information'])).toBe('2031-11-26T10:00:00.000Z');
  expect(keptSince(from, ['accesses'], [])).toBe(from);
});

test('every rule says by which law, and no two have one id', () => {
  expect(new Set(NATIONAL_RETENTION.map(({ id }) => id)).size).toBe(NATIONAL_RETENTION.length);
  for (const { months, source } of NATIONAL_RETENTION)
    expect([months > 0, source.length > 10]).toEqual([true, true]);
});
