import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { afterEach, describe, expect, test, vi } from 'vitest';

import { patient, timeoutMs } from './queue-kit.fixture.ts';
import type { QueueKit } from './queue-kit.fixture.ts';
import type { Message, Orders } from './queue-worker-program.fixture.ts';

const program = join(import.meta.dirname, 'queue-worker-program.fixture.ts');
const children: ChildProcess[] = [];

interface Run {
  readonly child: ChildProcess;
  readonly began: string[];
  readonly dead: string[];
}

/** Starts a worker in a process of its own, and returns when it is connected. */
async function startWorker(orders: Orders): Promise<Run> {
  const child = fork(program, [JSON.stringify(orders)]);
  children.push(child);
  const run: Run = { child, began: [], dead: [] };
  let ready = false;
  child.on('message', (message: Message) => {
    if ('began' in message) run.began.push(message.began);
    else if ('dead' in message) run.dead.push(message.dead);
    else ready = true;
  });
  await vi.waitFor(
    () => expect(ready || child.exitCode !== null || child.signalCode !== null).toBe(true),
    patient,
  );
  return run;
}

async function kill({ child }: Run): Promise<void> {
  child.kill('SIGKILL');
  if (child.signalCode === null) await once(child, 'exit');
}

/** What a queue promises when the processes that work on it die or stand still. */
export function queueWorkersContract({ backendOf, freshName, newQueue }: QueueKit): void {
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  describe('a worker in a process of its own', () => {
    test('S79 jobs of a worker killed with -9 run elsewhere within seconds, again and again', async () => {
      const name = freshName();
      const limits = { lockMs: 2000 };
      const queue = await newQueue({ name, limits });
      const ids = ['stuck-a', 'stuck-b', 'stuck-c'];
      for (const round of [1, 2]) {
        const run = await startWorker({ backend: backendOf(), name, limits });
        if (round === 1) await Promise.all(ids.map(async (id) => queue.add(id)));
        await vi.waitFor(() => expect(run.began.toSorted()).toEqual(ids), patient);
        await kill(run);
      }
      const killedAt = performance.now();
      const seen: string[] = [];
      await queue.work(async (id) => void seen.push(id), { concurrency: 4, timeoutMs });
      await vi.waitFor(() => expect(seen.toSorted()).toEqual(ids), patient);
      expect(performance.now() - killedAt).toBeLessThan(12_000);
    }, 60_000);

    test('S81 jobs of a frozen worker run elsewhere, and what it ends later is refused', async () => {
      const name = freshName();
      const limits = { lockMs: 1000 };
      const queue = await newQueue({ name, limits });
      const frozen = await startWorker({ backend: backendOf(), name, limits });
      await queue.add('held');
      await vi.waitFor(() => expect(frozen.began).toEqual(['held']), patient);
      frozen.child.kill('SIGSTOP');
      const began = Promise.withResolvers<string>();
      const end = Promise.withResolvers<void>();
      let ended = 0;
      await queue.work(
        async (id) => {
          began.resolve(id);
          await end.promise;
          ended += 1;
        },
        { concurrency: 1, timeoutMs },
      );
      expect(await began.promise).toBe('held');
      frozen.child.kill('SIGCONT');
      frozen.child.send('end');
      // The only place that is free is the thawed worker's, once it has ended what it held.
      await queue.add('next');
      await vi.waitFor(() => expect(frozen.began).toEqual(['held', 'next']), patient);
      await vi.waitFor(async () => expect(await queue.depth()).toBe(1), patient);
      end.resolve();
      await vi.waitFor(async () => expect([ended, await queue.depth()]).toEqual([1, 0]), patient);
    }, 60_000);

    test('S81 a worker that has lost its job is told so by the signal of its run', async () => {
      const name = freshName();
      const limits = { lockMs: 600 };
      const queue = await newQueue({ name, limits });
      const began = Promise.withResolvers<void>();
      const freeze = Promise.withResolvers<void>();
      const lost = Promise.withResolvers<void>();
      await queue.work(
        async (_, { signal }) => {
          signal.addEventListener('abort', () => lost.resolve());
          began.resolve();
          await freeze.promise;
          // The event loop stands still for longer than the lock lasts.
          const until = performance.now() + 2000;
          while (performance.now() < until);
          await lost.promise;
        },
        { concurrency: 1, timeoutMs },
      );
      await queue.add('long');
      await began.promise;
      const other = await startWorker({ backend: backendOf(), name, limits });
      freeze.resolve();
      await lost.promise;
      await vi.waitFor(() => expect(other.began).toEqual(['long']), patient);
      await vi.waitFor(async () => expect(await queue.depth()).toBe(0), patient);
    }, 60_000);

    test('S85 a job that ends its process each time is given up once; all beside it complete', async () => {
      const name = freshName();
      const limits = { lockMs: 500, crashesMax: 3 };
      const queue = await newQueue({ name, limits });
      const innocent = Array.from({ length: 6 }, (_, at) => `good-${at}`);
      await Promise.all(['deadly', ...innocent].map(async (id) => queue.add(id)));
      const dead: string[] = [];
      const began: string[] = [];
      let deaths = 0;
      const until = performance.now() + 60_000;
      while (dead.length === 0 && performance.now() < until) {
        const run = await startWorker({ backend: backendOf(), name, limits });
        const over = (): boolean => run.child.signalCode !== null || run.dead.length > 0;
        await vi.waitUntil(over, { timeout: 30_000, interval: 10 });
        deaths += run.child.signalCode === 'SIGKILL' ? 1 : 0;
        dead.push(...run.dead);
        began.push(...run.began);
        if (run.dead.length > 0) {
          await vi.waitUntil(async () => (await queue.depth()) === 0, patient);
          await kill(run);
        }
      }
      // The first death has many suspects; the next three are laid at its own door.
      expect([dead, deaths]).toEqual([['deadly crashed 3'], 4]);
      expect(new Set(began)).toEqual(new Set(['deadly', ...innocent]));
      expect(await queue.add('deadly')).toBe('queued');
    }, 90_000);
  });
}
