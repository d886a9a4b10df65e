import { expect, test } from 'vitest';
import { median, percentile, zipfRanks } from './statistics.ts';

test('the median is the middle value, or the mean of the two middle ones', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test('a percentile is a value that was measured', () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect([0.5, 0.95, 0.99, 1].map((share) => percentile(values, share))).toEqual([50, 95, 99, 100]);
  expect(percentile([7], 0.99)).toBe(7);
});

test('rank 0 comes twice as often as rank 1, and every rank can come', () => {
  const counts = [0, 0, 0, 0];
  let at = 0;
  const next = zipfRanks(4, () => (at++ % 10_000) / 10_000);
  for (let i = 0; i < 10_000; i += 1) {
    const rank = next();
    counts[rank] = (counts[rank] ?? 0) + 1;
  }
  expect(counts.every((n) => n > 0)).toBe(true);
  expect((counts[0] ?? 0) / (counts[1] ?? 1)).toBeCloseTo(2, 1);
});
