import { expect, test, vi } from 'vitest';

import { every } from './every.ts';
import { memoryLog } from './shell.fixture.ts';

test('runs at once, again after each run, and never beside itself', async () => {
  let running = 0;
  let most = 0;
  let runs = 0;
  const work = async (): Promise<void> => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    runs += 1;
  };
  const timer = every('t', 1, work, { log: memoryLog().log });
  await vi.waitFor(() => expect(runs).toBeGreaterThan(3));
  await timer.stop();
  expect([most, running]).toEqual([1, 0]);
});

test('a throw is logged, and the next run happens', async () => {
  const { log, lines } = memoryLog();
  let runs = 0;
  const work = async (): Promise<void> => {
    runs += 1;
    if (runs === 1) throw new TypeError('first');
  };
  const timer = every('sweeper', 1, work, { log });
  await vi.waitFor(() => expect(runs).toBeGreaterThan(1));
  await timer.stop();
  expect(lines()).toMatch(/"event":"timer_failed","name":"sweeper"/u);
});

test('a kick runs now, or once more after the run under way', async () => {
  let runs = 0;
  const gate = Promise.withResolvers<void>();
  const work = async (): Promise<void> => {
    runs += 1;
    if (runs === 1) await gate.promise;
  };
  const timer = every('t', 3_600_000, work, { log: memoryLog().log });
  timer.kick();
  timer.kick();
  expect(runs).toBe(1);
  gate.resolve();
  await vi.waitFor(() => expect(runs).toBe(2));
  timer.kick();
  await vi.waitFor(() => expect(runs).toBe(3));
  await timer.stop();
});

test('stop waits for the run under way, tells it, and none follows', async () => {
  const started = Promise.withResolvers<void>();
  let ended = false;
  let runs = 0;
  const work = async (signal: AbortSignal): Promise<void> => {
    runs += 1;
    started.resolve();
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    ended = true;
  };
  const timer = every('t', 1, work, { log: memoryLog().log });
  await started.promise;
  await timer.stop();
  timer.kick();
  expect([ended, runs]).toEqual([true, 1]);
});
