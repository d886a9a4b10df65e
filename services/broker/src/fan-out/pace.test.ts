import { expect, test } from 'vitest';

import { Pace } from './pace.ts';

test('no more run at once than there are places, and all run in the end, in order', async () => {
  const pace = new Pace({ places: 2, holdMs: 60_000 });
  const order: number[] = [];
  let [running, most] = [0, 0];
  const work = async (at: number): Promise<void> => {
    running += 1;
    most = Math.max(most, running);
    order.push(at);
    await Promise.resolve();
    running -= 1;
  };
  await Promise.all([1, 2, 3, 4, 5].map(async (at) => await pace.run(async () => await work(at))));
  expect(most).toBe(2);
  expect(order).toEqual([1, 2, 3, 4, 5]);
});

test('work that takes long gives its place away, once', async () => {
  const pace = new Pace({ places: 1, holdMs: 1 });
  const slow = Promise.withResolvers<void>();
  const first = pace.run(async () => await slow.promise);
  await pace.run(async () => 'second');
  slow.resolve();
  await first;
  await expect(pace.run(async () => 'third')).resolves.toBe('third');
});

test('work that throws gives its place back', async () => {
  const pace = new Pace({ places: 1, holdMs: 60_000 });
  await expect(pace.run(async () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  await expect(pace.run(async () => 'next')).resolves.toBe('next');
});
