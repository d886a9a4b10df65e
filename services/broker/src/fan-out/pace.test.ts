import { expect, test } from 'vitest';

import { Pace } from './pace.ts';

const paceOf = (places: number, holdMs = 60_000, backgroundMax = 1): Pace =>
  new Pace({ places, holdMs, backgroundMax });

/** Work that goes on until it is told to end. */
function held(): { work: () => Promise<void>; began: () => boolean; end: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let begun = false;
  const work = async (): Promise<void> => {
    begun = true;
    await promise;
  };
  return { work, began: () => begun, end: resolve };
}

/** Lets everything that can go on do so. */
const settle = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

test('no more run at once than there are places, and all run in the end, in order', async () => {
  const { front } = paceOf(2);
  const order: number[] = [];
  let [running, most] = [0, 0];
  const work = async (at: number): Promise<void> => {
    running += 1;
    most = Math.max(most, running);
    order.push(at);
    await Promise.resolve();
    running -= 1;
  };
  await Promise.all([1, 2, 3, 4, 5].map(async (at) => await front.run(async () => await work(at))));
  expect(most).toBe(2);
  expect(order).toEqual([1, 2, 3, 4, 5]);
});

test('work that takes long gives its place away, once', async () => {
  const { front } = paceOf(1, 1);
  const slow = Promise.withResolvers<void>();
  const first = front.run(async () => await slow.promise);
  await front.run(async () => 'second');
  slow.resolve();
  await first;
  await expect(front.run(async () => 'third')).resolves.toBe('third');
});

test('work that throws gives its place back', async () => {
  const { front } = paceOf(1);
  await expect(front.run(async () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  await expect(front.run(async () => 'next')).resolves.toBe('next');
});

test('the background never takes the places of the front, however much of it waits', async () => {
  const pace = paceOf(4, 60_000, 2);
  const batch = Array.from({ length: 100 }, held);
  const all = batch.map(async ({ work }) => await pace.background.run(work));
  await settle();
  expect(batch.filter(({ began }) => began())).toHaveLength(2);
  const persons = [held(), held()];
  const served = persons.map(async ({ work }) => await pace.front.run(work));
  await settle();
  expect(persons.every(({ began }) => began())).toBe(true);
  for (const { end } of [...persons, ...batch]) end();
  await Promise.all([...served, ...all]);
});

test('a place that comes free goes to the front first', async () => {
  const pace = paceOf(1);
  const first = held();
  const order: string[] = [];
  const running = pace.background.run(first.work);
  const waiting = [
    pace.background.run(async () => void order.push('background')),
    pace.front.run(async () => void order.push('front')),
  ];
  await settle();
  first.end();
  await Promise.all([running, ...waiting]);
  expect(order).toEqual(['front', 'background']);
});

test('the front may take every place, and the background goes on when one is free', async () => {
  const pace = paceOf(3, 60_000, 2);
  const persons = [held(), held(), held()];
  const served = persons.map(async ({ work }) => await pace.front.run(work));
  const batch = held();
  const later = pace.background.run(batch.work);
  await settle();
  expect([persons.every(({ began }) => began()), batch.began()]).toEqual([true, false]);
  persons[0]?.end();
  await settle();
  expect(batch.began()).toBe(true);
  for (const { end } of [...persons, batch]) end();
  await Promise.all([...served, later]);
});
