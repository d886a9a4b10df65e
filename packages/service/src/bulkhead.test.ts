import { CausewayError } from '@causeway/protocol';
import { describe, expect, test } from 'vitest';

import { createBulkhead } from './bulkhead.ts';
import { handClock } from './shell.fixture.ts';
import { PeerFailure } from './peer-failure.ts';

const bounds = { concurrencyMax: 2, waitingMax: 1, perSecondMax: 1000, failuresMax: 3, pauseMs: 60_000 };
const newBulkhead = (more: Partial<typeof bounds> = {}, clock = handClock()) =>
  createBulkhead({ ...bounds, ...more, clock });

const codeOf = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
    return 'done';
  } catch (error) {
    return error instanceof CausewayError ? error.code : 'foreign';
  }
};

describe('the semaphore', () => {
  test('lets so many run and so many wait; one more is told to come later', async () => {
    const bulkhead = newBulkhead();
    const gate = Promise.withResolvers<void>();
    let running = 0;
    const call = async (): Promise<void> => {
      running += 1;
      await gate.promise;
    };
    const calls = [1, 2, 3].map(async () => codeOf(bulkhead.run(call)));
    expect(await codeOf(bulkhead.run(call))).toBe('rate_limited');
    expect(running).toBe(2);
    gate.resolve();
    expect(await Promise.all(calls)).toEqual(['done', 'done', 'done']);
    expect(running).toBe(3);
  });
});

describe('the rate', () => {
  test('allows a burst of one second and refills with the monotonic clock', async () => {
    const clock = handClock();
    const bulkhead = newBulkhead({ perSecondMax: 2 }, clock);
    const once = async () => codeOf(bulkhead.run(async () => 1));
    expect([await once(), await once(), await once()]).toEqual(['done', 'done', 'rate_limited']);
    clock.advance(500);
    expect([await once(), await once()]).toEqual(['done', 'rate_limited']);
  });
});

describe('the breaker', () => {
  const fail = async (error: Error): Promise<never> => await Promise.reject(error);

  test('opens after failures of the peer in a row, and then nothing is called', async () => {
    const bulkhead = newBulkhead();
    for (let at = 0; at < 3; at += 1) {
      expect(await codeOf(bulkhead.run(async () => fail(new PeerFailure('timeout'))))).toBe('unavailable');
    }
    expect(bulkhead.broken()).toBe(true);
    let called = false;
    const next = bulkhead.run(async () => {
      called = true;
    });
    await expect(next).rejects.toMatchObject({ code: 'unavailable', internal: 'breaker open' });
    expect(called).toBe(false);
  });

  test('a refusal is a healthy answer', async () => {
    const bulkhead = newBulkhead();
    for (let at = 0; at < 10; at += 1) {
      const refusal = bulkhead.run(async () => fail(new CausewayError('subject_frozen')));
      expect(await codeOf(refusal)).toBe('subject_frozen');
    }
    expect(bulkhead.broken()).toBe(false);
  });

  test('closes again when the call after the pause succeeds', async () => {
    const bulkhead = newBulkhead({ pauseMs: 1, failuresMax: 1 });
    await codeOf(bulkhead.run(async () => fail(new PeerFailure('unreachable'))));
    await expect.poll(async () => codeOf(bulkhead.run(async () => 1))).toBe('done');
    expect(bulkhead.broken()).toBe(false);
  });
});

describe('wrong answers', () => {
  const fine = async (): Promise<string> => 'an answer';

  test('S86 as many as failures leave the peer alone for a pause, though each call went well', async () => {
    const clock = handClock();
    const bulkhead = newBulkhead({ pauseMs: 1000 }, clock);
    for (let lie = 0; lie < 3; lie += 1) {
      expect(bulkhead.broken()).toBe(false);
      expect(await codeOf(bulkhead.run(fine))).toBe('done');
      bulkhead.blame();
    }
    expect([bulkhead.broken(), await codeOf(bulkhead.run(fine))]).toEqual([true, 'unavailable']);
    clock.advance(1000);
    expect([bulkhead.broken(), await codeOf(bulkhead.run(fine))]).toEqual([false, 'done']);
    bulkhead.blame();
    expect(bulkhead.broken()).toBe(true);
  });

  test('are forgiven after a while without any', async () => {
    const clock = handClock();
    const bulkhead = newBulkhead({ pauseMs: 1000 }, clock);
    for (let lie = 0; lie < 3; lie += 1) bulkhead.blame();
    clock.advance(31_000);
    bulkhead.blame();
    bulkhead.blame();
    expect(bulkhead.broken()).toBe(false);
    bulkhead.blame();
    expect(bulkhead.broken()).toBe(true);
  });
});
