import { expect, test } from 'vitest';
import { yearStartMs } from './quota.ts';

test.each([
  ['2026-11-26T08:00:00Z', '2025-12-31T16:00:00.000Z'],
  ['2025-12-31T15:59:59Z', '2024-12-31T16:00:00.000Z'],
  ['2025-12-31T16:00:00Z', '2025-12-31T16:00:00.000Z'],
  ['2024-02-29T00:00:00Z', '2023-12-31T16:00:00.000Z'],
])('the year of %s begins in Shanghai, at %s', (now, start) => {
  expect(new Date(yearStartMs(Date.parse(now))).toISOString()).toBe(start);
});
