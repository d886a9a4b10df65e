import { afterEach, expect, test, vi } from 'vitest';
import { storeSource } from './test-store-source.ts';

afterEach(() => void vi.useRealTimers());

test('a container runtime that answers supplies the stores', async () => {
  expect(await storeSource(async () => ({ container: {} }))).toBe('container');
});

test('without one the programs of this machine do', async () => {
  const none = async (): Promise<never> =>
    Promise.reject(new Error('Could not find a working container runtime strategy'));
  expect(await storeSource(none)).toBe('program');
});

test('one that does not answer is not waited for', async () => {
  vi.useFakeTimers();
  const source = storeSource(async () => new Promise(() => undefined));
  await vi.advanceTimersByTimeAsync(5000);
  expect(await source).toBe('program');
});

test('what this machine has is found out without being told', async () => {
  expect(['container', 'program']).toContain(await storeSource());
});
