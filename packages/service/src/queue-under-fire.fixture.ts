import { expect, vi } from 'vitest';

import { timeoutMs, Unfinished } from './queue-kit.fixture.ts';
import type { JobQueue } from './queue.ts';

const items = 200;

interface Fired {
  /** Runs beyond the first of each id; a queue may do that, and its owner must bear it. */
  readonly again: number;
}

/**
 * Works through 200 ids whose owner sweeps them, and strikes when a third of them is done. All are done in
 * the end, and what is told afterwards runs at once.
 */
export async function underFire(queue: JobQueue, strike: () => Promise<void>): Promise<Fired> {
  const ids = Array.from({ length: items }, (_, at) => `item-${at}`);
  const unfinished = new Unfinished(ids);
  const struck = Promise.withResolvers<void>();
  let runs = 0;
  await queue.work(
    async (id) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      runs += 1;
      unfinished.done(id);
      if (unfinished.left === Math.floor(items * 0.66)) struck.resolve();
    },
    { concurrency: 4, timeoutMs },
  );
  await Promise.all(ids.map(async (id) => queue.add(id)));
  await struck.promise;
  expect(unfinished.left).toBeGreaterThan(0);
  await strike();
  const stop = unfinished.sweep(queue, 300);
  await vi.waitFor(() => expect(unfinished.left).toBe(0), { timeout: 60_000, interval: 20 });
  stop();
  const later = new Unfinished(['later']);
  const before = runs;
  await queue.add('later');
  await vi.waitFor(() => expect(runs).toBeGreaterThan(before), { timeout: 10_000, interval: 20 });
  later.done('later');
  return { again: runs - items };
}
