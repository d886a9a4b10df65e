import { describe, expect, test, vi } from 'vitest';

import { createMetrics } from './metrics.ts';
import { patient, timeoutMs } from './queue-kit.fixture.ts';
import type { QueueKit } from './queue-kit.fixture.ts';
import type { Death, Told } from './queue.ts';
import { memoryLog } from './shell.fixture.ts';

const one = { concurrency: 1, timeoutMs };
const quick = { backoffMs: 40 };

/** What a queue promises, whatever holds it: the same tests for PostgreSQL and for Redis. */
export function queueContract({ newQueue }: QueueKit): void {
  describe('the queue', () => {
    test('runs each id once, and keeps nothing of it', async () => {
      const queue = await newQueue();
      const seen: string[] = [];
      await queue.work(async (id) => void seen.push(id), { concurrency: 8, timeoutMs });
      const ids = Array.from({ length: 50 }, (_, at) => `id-${at}`);
      await Promise.all(ids.map(async (id) => queue.add(id)));
      await vi.waitFor(() => expect(seen).toHaveLength(50), patient);
      expect(new Set(seen).size).toBe(50);
      await vi.waitFor(async () => expect(await queue.depth()).toBe(0), patient);
    });

    test('an idle worker is woken by what is told, and does not wait until it looks for itself', async () => {
      const queue = await newQueue();
      const began = Promise.withResolvers<void>();
      await queue.work(async () => began.resolve(), one);
      // Beyond the last look at an empty queue, so that only being told can wake the worker.
      await vi.waitFor(async () => expect(await queue.depth()).toBe(0), patient);
      await new Promise((resolve) => setTimeout(resolve, 300));
      const toldAt = performance.now();
      await queue.add('now');
      await began.promise;
      // An idle worker looks for itself every 2 s.
      expect(performance.now() - toldAt).toBeLessThan(1500);
    });

    test('digests and plain numbers are ids like any other', async () => {
      const queue = await newQueue();
      const seen: string[] = [];
      await queue.work(async (id) => void seen.push(id), one);
      await queue.add('sha-256:abc');
      await queue.add('17');
      await vi.waitFor(() => expect(seen.toSorted()).toEqual(['17', 'sha-256:abc']), patient);
    });

    test('more is never begun in a second than the rate allows', async () => {
      const queue = await newQueue();
      const begun: number[] = [];
      await Promise.all(Array.from({ length: 12 }, async (_, at) => queue.add(`r-${at}`)));
      await queue.work(async () => void begun.push(performance.now()), {
        ...{ concurrency: 12, timeoutMs, perSecondMax: 4 },
      });
      await vi.waitFor(() => expect(begun).toHaveLength(12), patient);
      // Three windows of four: the ninth begins in the third of them.
      expect((begun[8] ?? 0) - (begun[0] ?? 0)).toBeGreaterThan(1000);
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
      await queue.work(async (id) => {
        seen.push(id);
        if (id === 'later') delayed = performance.now() - start;
      }, one);
      await vi.waitFor(() => expect(seen).toEqual(['front', 'monitoring', 'batch', 'later']), patient);
      expect(delayed).toBeGreaterThan(650);
    });

    test('a queue whose every place is held, and that is full, does not hold up another queue', async () => {
      const [background, front] = [await newQueue(), await newQueue()];
      const { promise: release, resolve } = Promise.withResolvers<void>();
      let held = 0;
      await background.work(
        async () => {
          held += 1;
          await release;
        },
        { concurrency: 4, timeoutMs },
      );
      const ids = Array.from({ length: 300 }, (_, at) => `b-${at}`);
      await Promise.all(ids.map(async (id) => background.add(id, { lane: 'batch' })));
      await vi.waitFor(() => expect(held).toBe(4), patient);
      const seen: string[] = [];
      await front.work(async (id) => void seen.push(id), one);
      await front.add('person');
      await vi.waitFor(() => expect(seen).toEqual(['person']), patient);
      expect([held, await background.depth()]).toEqual([4, 300]);
      resolve();
    });
  });

  toldTwice(newQueue);
  failures(newQueue);
  deadlines(newQueue);
}

type NewQueue = QueueKit['newQueue'];

/** S82: each way of telling an id that is known already gets its answer, and each answer is counted. */
function toldTwice(newQueue: NewQueue): void {
  describe('an id told twice', () => {
    test('S82 while it waits is absorbed, and may be told again when it is done', async () => {
      const metrics = createMetrics();
      const queue = await newQueue({ metrics });
      const answers: Told[] = [await queue.add('twice'), await queue.add('twice')];
      answers.push(
        await queue.add('twice', { delayMs: 60_000 }),
        await queue.add('twice', { lane: 'batch' }),
      );
      expect(answers).toEqual(['queued', 'absorbed', 'absorbed', 'absorbed']);
      expect(await queue.depth()).toBe(1);
      let runs = 0;
      await queue.work(async () => void (runs += 1), one);
      await vi.waitFor(async () => expect([runs, await queue.depth()]).toEqual([1, 0]), patient);
      expect(await queue.add('twice')).toBe('queued');
      await vi.waitFor(() => expect(runs).toBe(2), patient);
      const counted = await metrics.registry.metrics();
      expect(counted).toMatch(/queue_told_total\{queue="[^"]+",answer="queued"\} 2/u);
      expect(counted).toMatch(/queue_told_total\{queue="[^"]+",answer="absorbed"\} 3/u);
    });

    test('S82 fifty times at once by two processes is one job, and one teller is told so', async () => {
      const name = `together-${process.pid}`;
      const [here, there] = [await newQueue({ name }), await newQueue({ name })];
      const copies = Array.from({ length: 50 }, async (_, at) => (at % 2 === 0 ? here : there).add('same'));
      const answers = await Promise.all(copies);
      expect(answers.filter((answer) => answer === 'queued')).toHaveLength(1);
      expect(await here.depth()).toBe(1);
    });

    test('S82 while it is delayed is absorbed and keeps its time', async () => {
      const queue = await newQueue();
      let ranAt = 0;
      const start = performance.now();
      await queue.work(async () => void (ranAt = performance.now()), one);
      expect(await queue.add('delayed', { delayMs: 600 })).toBe('queued');
      expect(await queue.add('delayed')).toBe('absorbed');
      await vi.waitFor(() => expect(ranAt).toBeGreaterThan(0), patient);
      expect(ranAt - start).toBeGreaterThan(550);
      await vi.waitFor(async () => expect(await queue.depth()).toBe(0), patient);
    });

    test.each([
      { how: 'is covered by that run', again: false, runs: 1 },
      { how: 'with the wish to run again runs once more, however often it is told', again: true, runs: 2 },
    ])('S82 while it runs is absorbed, and $how', async ({ again, runs }) => {
      const queue = await newQueue();
      const began = Promise.withResolvers<void>();
      const end = Promise.withResolvers<void>();
      let count = 0;
      await queue.work(async () => {
        count += 1;
        began.resolve();
        await end.promise;
      }, one);
      await queue.add('running');
      await began.promise;
      const answers = [
        await queue.add('running', { again }),
        await queue.add('running', { again, delayMs: 20 }),
      ];
      expect(answers).toEqual(['absorbed', 'absorbed']);
      end.resolve();
      await vi.waitFor(async () => expect([count, await queue.depth()]).toEqual([runs, 0]), patient);
      expect(await queue.add('running')).toBe('queued');
      await vi.waitFor(async () => expect([count, await queue.depth()]).toEqual([runs + 1, 0]), patient);
    });

    test('S82 between two attempts is absorbed; after it was given up it is queued and runs', async () => {
      const queue = await newQueue({ limits: { attemptsMax: 2, backoffMs: 400 } });
      let [runs, deaths] = [0, 0];
      const onDead = async (): Promise<void> => void (deaths += 1);
      await queue.work(
        async () => {
          runs += 1;
          if (runs <= 2) throw new Error('no');
        },
        { ...one, onDead },
      );
      await queue.add('again');
      await vi.waitFor(() => expect(runs).toBe(1), patient);
      expect(await queue.add('again')).toBe('absorbed');
      await vi.waitFor(async () => expect([runs, deaths, await queue.depth()]).toEqual([2, 1, 0]), patient);
      expect(await queue.add('again')).toBe('queued');
      await vi.waitFor(async () => expect([runs, await queue.depth()]).toEqual([3, 0]), patient);
      expect(deaths).toBe(1);
    });
  });
}

function failures(newQueue: NewQueue): void {
  describe('a run that throws', () => {
    test('is tried again, each time after a longer pause', async () => {
      const queue = await newQueue({ limits: { backoffMs: 100 } });
      const at: number[] = [];
      const attempts: number[] = [];
      await queue.work(async (_, { attempt }) => {
        at.push(performance.now());
        attempts.push(attempt);
        if (attempt < 4) throw new Error('not yet');
      }, one);
      await queue.add('flaky');
      await vi.waitFor(
        async () => expect([attempts, await queue.depth()]).toEqual([[1, 2, 3, 4], 0]),
        patient,
      );
      // 100, 200 and 400 ms, each less up to half of it.
      const pauses = at.slice(1).map((time, i) => time - (at[i] ?? 0));
      expect(pauses.map((pause, i) => pause >= 50 * 2 ** i - 5)).toEqual([true, true, true]);
    });

    test('does not come back together with the others that failed with it', async () => {
      const queue = await newQueue({ limits: { backoffMs: 2000, attemptsMax: 2 } });
      const back: number[] = [];
      await queue.work(
        async (_, { attempt }) => {
          if (attempt === 1) throw new Error('all at once');
          back.push(performance.now());
        },
        { concurrency: 24, timeoutMs },
      );
      await Promise.all(Array.from({ length: 24 }, async (_, at) => queue.add(`j-${at}`)));
      await vi.waitFor(() => expect(back).toHaveLength(24), patient);
      // Spread over a second by chance: without jitter all are back within a few milliseconds.
      expect(Math.max(...back) - Math.min(...back)).toBeGreaterThan(300);
    });

    test('S85 after n tries is given up once, with an alarm, and told again it runs again', async () => {
      const { log, lines } = memoryLog();
      const queue = await newQueue({ log, limits: { ...quick, attemptsMax: 3 } });
      const deaths: [string, Death][] = [];
      let runs = 0;
      const onDead = async (id: string, death: Death): Promise<void> => void deaths.push([id, death]);
      await queue.work(
        async () => {
          runs += 1;
          throw new RangeError('poison');
        },
        { ...one, onDead },
      );
      for (const round of [1, 2]) {
        expect(await queue.add('bad')).toBe('queued');
        await vi.waitFor(
          async () => expect([deaths.length, await queue.depth()]).toEqual([round, 0]),
          patient,
        );
        expect(runs).toBe(3 * round);
      }
      expect(deaths[0]).toMatchObject([
        'bad',
        { reason: 'failed', attempts: 3, error: { message: 'poison' } },
      ]);
      const alarms = lines()
        .split('\n')
        .filter((line) => line.includes('"event":"job_dead"'));
      expect(alarms).toHaveLength(2);
      expect(alarms[0]).toContain('"alarm":true');
    });

    test('S85 poison in numbers holds up nobody', async () => {
      const queue = await newQueue({ limits: { ...quick, attemptsMax: 3 } });
      const done: string[] = [];
      let dead = 0;
      const onDead = async (): Promise<void> => void (dead += 1);
      const handler = async (id: string): Promise<void> => {
        if (id.startsWith('bad')) throw new Error('poison');
        done.push(id);
      };
      await queue.work(handler, { concurrency: 2, timeoutMs, onDead });
      const ids = Array.from({ length: 20 }, (_, at) => [`bad-${at}`, `good-${at}`]).flat();
      await Promise.all(ids.map(async (id) => queue.add(id)));
      await vi.waitFor(() => expect([done.length, dead]).toEqual([20, 20]), patient);
    });

    test('S85 where giving up fails it is given up again, and not forgotten', async () => {
      const queue = await newQueue({ limits: { ...quick, attemptsMax: 1 } });
      let asked = 0;
      const onDead = async (): Promise<void> => {
        asked += 1;
        if (asked === 1) throw new Error('the table is away');
      };
      await queue.work(async () => Promise.reject(new Error('poison')), { ...one, onDead });
      await queue.add('bad');
      await vi.waitFor(async () => expect([asked, await queue.depth()]).toEqual([2, 0]), patient);
    });

    test('S98 leaves nothing of its message in the queue', async () => {
      const { log, lines } = memoryLog();
      const queue = await newQueue({ log, limits: { ...quick, attemptsMax: 2 } });
      const thrown: unknown[] = [];
      await queue.work(
        async () => Promise.reject(Object.assign(new Error('110101199003077758'), { code: '22P02' })),
        { ...one, onDead: async (_, { error }) => void thrown.push(error) },
      );
      await queue.add('quoting');
      await vi.waitFor(() => expect(thrown).toHaveLength(1), patient);
      expect(lines()).toContain('"code":"22P02"');
      expect(lines()).not.toContain('110101199003077758');
    });
  });
}

function deadlines(newQueue: NewQueue): void {
  describe('a run that takes too long', () => {
    test('is told so by its signal, and ends in order', async () => {
      const queue = await newQueue({ limits: { ...quick, attemptsMax: 1 } });
      const deaths: string[] = [];
      await queue.work(
        async (_, { signal }) => {
          await new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(new Error('stopped')));
          });
        },
        { concurrency: 1, timeoutMs: 100, onDead: async (_, { reason }) => void deaths.push(reason) },
      );
      await queue.add('slow');
      await vi.waitFor(
        async () => expect([deaths, await queue.depth()]).toEqual([['timed_out'], 0]),
        patient,
      );
    });

    test('and ignores its signal does not hold its place for ever', async () => {
      const queue = await newQueue({ limits: { ...quick, attemptsMax: 2 } });
      const seen: string[] = [];
      const deaths: string[] = [];
      const handler = async (id: string): Promise<void> => {
        seen.push(id);
        if (id === 'deaf') await new Promise(() => undefined);
      };
      const onDead = async (id: string, { reason }: Death): Promise<void> =>
        void deaths.push(`${id} ${reason}`);
      await queue.work(handler, { concurrency: 1, timeoutMs: 100, onDead });
      await queue.add('deaf');
      await queue.add('next');
      await vi.waitFor(() => expect(deaths).toEqual(['deaf timed_out']), patient);
      expect(seen.toSorted()).toEqual(['deaf', 'deaf', 'next']);
    });
  });
}
