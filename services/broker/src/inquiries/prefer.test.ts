import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { preferredWait, waitSecondsMax } from './prefer.ts';

describe('preferredWait', () => {
  test.each([
    ['wait=10', 10],
    ['respond-async, wait=5', 5],
    ['Wait = "7"; foo', 7],
    ['wait=0', 0],
  ])('reads %s', (header, seconds) => {
    expect(preferredWait(header)).toBe(seconds);
  });

  test('never waits longer than the bound', () => {
    expect(preferredWait('wait=999999')).toBe(waitSecondsMax);
  });

  test.each(['', 'wait', 'wait=', 'wait=-1', 'wait=1e3', 'wait=ten', 'nowait=3', 'wait=12345678'])(
    'ignores %s',
    (header) => {
      expect(preferredWait(header)).toBeUndefined();
    },
  );

  test('no header makes it throw', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const seconds = preferredWait(text) ?? 0;
        expect(seconds).toBeGreaterThanOrEqual(0);
        expect(seconds).toBeLessThanOrEqual(waitSecondsMax);
      }),
    );
  });
});
