import { expect, test } from 'vitest';

import { Waiters } from './waiters.ts';

test('a change wakes all who wait for that inquiry and nobody else', async () => {
  const waiters = new Waiters();
  const abort = new AbortController();
  let other = false;
  const both = Promise.all([waiters.next('a', 60_000), waiters.next('a', 60_000)]);
  const stranger = waiters.next('b', 60_000, abort.signal).then(() => (other = true));
  waiters.wake('a');
  await both;
  expect(other).toBe(false);
  abort.abort();
  await stranger;
  expect(waiters.size).toBe(0);
});

test('an aborted wait returns at once and leaves nothing behind', async () => {
  const waiters = new Waiters();
  const abort = new AbortController();
  const waiting = waiters.next('a', 60_000, abort.signal);
  abort.abort();
  await waiting;
  await waiters.next('a', 60_000, abort.signal);
  expect(waiters.size).toBe(0);
});

test('a wait ends by its time-out when nothing happens', async () => {
  const waiters = new Waiters();
  await waiters.next('a', 1);
  expect(waiters.size).toBe(0);
});
