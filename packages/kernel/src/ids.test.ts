import { describe, expect, it } from 'vitest';
import { assert, unreachable } from './assert.ts';
import { seconds } from './clock.ts';
import { isUuidv7, uuidv7 } from './ids.ts';
import { systemClock, systemRandom } from './system.ts';

const clock = { now: () => 0x0123_4567_89ab, monotonic: () => 0 };

describe('UUIDv7', () => {
  it('is laid out as RFC 9562 section 5.7 says', () => {
    const ones = { bytes: (n: number) => new Uint8Array(n).fill(0xff) };
    const zeros = { bytes: (n: number) => new Uint8Array(n) };
    expect(uuidv7(clock, ones)).toBe('01234567-89ab-7fff-bfff-ffffffffffff');
    expect(uuidv7(clock, zeros)).toBe('01234567-89ab-7000-8000-000000000000');
  });

  it('made by the system is always one, and never the same', () => {
    const ids = Array.from({ length: 1000 }, () => uuidv7(systemClock, systemRandom));
    expect(ids.every(isUuidv7)).toBe(true);
    expect(new Set(ids).size).toBe(1000);
  });

  it.each([
    '',
    '01234567-89ab-4fff-bfff-ffffffffffff',
    '01234567-89AB-7FFF-BFFF-FFFFFFFFFFFF',
    "' OR 1=1",
    '../x',
  ])('%j is none', (text) => expect(isUuidv7(text)).toBe(false));

  it('is not made from a broken clock or a dry source', () => {
    expect(() => uuidv7({ ...clock, now: () => -1 }, systemRandom)).toThrow('outside the range');
    expect(() => uuidv7(clock, { bytes: () => new Uint8Array(3) })).toThrow('fewer bytes');
  });
});

describe('the system', () => {
  it('gives as many bytes as asked, also past what Web Crypto gives at once', () => {
    expect(systemRandom.bytes(0)).toHaveLength(0);
    expect(
      systemRandom
        .bytes(70_000)
        .subarray(69_000)
        .some((byte) => byte !== 0),
    ).toBe(true);
  });

  it('has a clock in whole seconds that does not step back', () => {
    expect(Number.isInteger(seconds(systemClock))).toBe(true);
    const before = systemClock.monotonic();
    expect(systemClock.monotonic()).toBeGreaterThanOrEqual(before);
  });
});

describe('assert', () => {
  it('is silent when it holds and loud when it does not', () => {
    expect(() => assert(true, 'fine')).not.toThrow();
    expect(() => assert(0, 'broken')).toThrow('broken');
    expect(() => unreachable('x' as never)).toThrow('unreachable');
  });
});
