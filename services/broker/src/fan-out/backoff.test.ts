import fc from 'fast-check';
import { expect, test } from 'vitest';

import { backoffMs } from './backoff.ts';

const fixed = (value: number) => ({ bytes: (n: number) => new Uint8Array(n).fill(value) });

test('doubles from 0.4 s and stops at 30 s', () => {
  expect([1, 2, 3, 4].map((n) => backoffMs(n, fixed(0)))).toEqual([400, 800, 1600, 3200]);
  expect(backoffMs(1_000_000, fixed(0))).toBe(30_000);
});

test('is never zero, negative or beyond its bound, whatever the attempt', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 0, max: 255 }), (attempt, byte) => {
      const ms = backoffMs(attempt, fixed(byte));
      expect(ms).toBeGreaterThanOrEqual(300);
      expect(ms).toBeLessThanOrEqual(30_000);
    }),
  );
});
