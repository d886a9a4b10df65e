import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { afterEach, describe, expect, test, vi } from 'vitest';

import { quietLog as log } from './shell.fixture.ts';
import { createQueue } from './queue.ts';
import type { JobQueue, QueueBackend } from './queue.ts';

const stuckWorker = join(import.meta.dirname, 'queue-stuck-worker.fixture.ts');
const patient = { timeout: 15_000, interval: 20 };

/** What a queue promises, whatever holds it: the same tests for PostgreSQL and for Redis. */
export function queueContract(backendOf: () => QueueBackend): void {
  const opened: JobQueue[] = [];
  let names = 0;
  const freshName = (): string => `q${(names += 1)}`;

  async function newQueue(name = freshName()): Promise<JobQueue> {
    const queue = await createQueue({ backend: backendOf(), name, prefix: '{t}', log });
    opened.push(queue);
    return queue;
  }
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(async (queue) => queue.close()));
  });

  describe('the queue', () => {
    test('runs each id once, and keeps nothing of it', async () => {
      const queue = await newQueue();
      const seen: string[] = [];
      queue.work(async (id) => void seen.push(id), { concurrency: 8 });
      const ids = Array.from({ length: 50 }, (_, at) => `id-${at}`);
      await Promise.all(ids.map(async (id) => queue.add(id)));
      await vi.waitFor(() => expect(seen).toHaveLength(50), patient);
      expect(new Set(seen).size).toBe(50);
      await vi.waitFor(async () => expect(await queue.depth()).toBe(0), patient);
    });

    test('S82 an id told twice while it waits runs once, and may be told again when it is done', async () => {
      const queue = await newQueue();
      await queue.add('twice');
      await queue.add('twice');
      expect(await queue.depth()).toBe(1);
      let runs = 0;
      queue.work(async () => void (runs += 1), { concurrency: 1 });
      await vi.waitFor(async () => expect([runs, await queue.depth()]).toEqual([1, 0]), patient);
      await queue.add('twice');
      await vi.waitFor(() => expect(runs).toBe(2), patient);
    });

    test('digests and plain numbers are ids like any other', async () => {
      const queue = await newQueue();
      const seen: string[] = [];
      queue.work(async (id) => void seen.push(id), { concurrency: 1 });
      await queue.add('sha-256:abc');
      await queue.add('17');
      await vi.waitFor(() => expect(seen.toSorted()).toEqual(['17', 'sha-256:abc']), patient);
    });

    test('a throw is tried again', async () => {
      const queue = await newQueue();
      let runs = 0;
      queue.work(
        async () => {
          runs += 1;
          if (runs < 3) throw new Error('not yet');
        },
        { concurrency: 1 },
      );
      await queue.add('flaky');
      await vi.waitFor(async () => expect([runs, await queue.depth()]).toEqual([3, 0]), patient);
    });

    test('front goes before batch, and a delayed id waits its time', async () => {
      const queue = await newQueue();
      const seen: string[] = [];
      const start = performance.now();
      let delayed = 0;
      await queue.add('later', { delayMs: 700 });
      await queue.add('batch', { lane: 'batch' });
      await queue.add('monitoring', { lane: 'monitoring' });
      await queue.add('front');
      queue.work(
        async (id) => {
          seen.push(id);
          if (id === 'later') delayed = performance.now() - start;
        },
        { concurrency: 1 },
      );
      await vi.waitFor(() => expect(seen).toEqual(['front', 'monitoring', 'batch', 'later']), patient);
      expect(delayed).toBeGreaterThan(650);
    });

    test('S79 jobs of a worker killed with -9 run elsewhere within seconds, again and again', async () => {
      const name = freshName();
      const queue = await newQueue(name);
      for (let round = 0; round < 2; round += 1) {
        const child = fork(stuckWorker, [JSON.stringify({ backend: backendOf(), name })]);
        const started = new Set<unknown>();
        child.on('message', (message) => started.add(message));
        if (round === 0) await Promise.all(['a', 'b', 'c'].map(async (id) => queue.add(id)));
        await vi.waitFor(() => expect(started.size).toBe(4), patient);
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      const killedAt = performance.now();
      const seen: string[] = [];
      queue.work(async (id) => void seen.push(id), { concurrency: 4 });
      await vi.waitFor(() => expect(seen.toSorted()).toEqual(['a', 'b', 'c']), patient);
      expect(performance.now() - killedAt).toBeLessThan(12_000);
    }, 60_000);
  });
}
