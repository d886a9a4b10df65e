import type { ServiceContext, Log, Metrics } from '@causeway/service';
import { createQueue, type Death, type JobQueue, type QueueBackend } from '@causeway/service/queue';

import type { Broker, WorkQueue } from '../broker.ts';
import { buryJob } from '../dead-letters/bury-job.ts';
import { Pace } from './pace.ts';
import { runInquiry } from './run-inquiry.ts';
import { workQueue } from './work-queue.ts';

interface Options {
  readonly backend: QueueBackend;
  readonly prefix: string;
  readonly log: Log;
  readonly clock: ServiceContext<never>['clock'];
  readonly random: ServiceContext<never>['random'];
  readonly metrics?: Metrics;
}

/** The queues by which work reaches this process, and the workers on them. */
export interface Lanes {
  readonly queue: WorkQueue;
  readonly pace: Pace;
  /**
   * Starts the workers, and returns when they are connected. `behind` is what serves the background: its
   * calls are its own, so that nobody in front waits behind them.
   */
  work(broker: Broker, behind: Pick<Broker, 'calls'>): Promise<void>;
  /** Waits for the runs under way. */
  close(): Promise<void>;
}

/** Far beyond the calls of one run: what takes longer hangs. */
const runMsMax = 60_000;
const places = { places: 64, backgroundMax: 24, holdMs: 750 };
/**
 * Runs at once. Of the calls that a bureau takes at once (bulkheads.ts) the background can use less than
 * half, however long the bureau takes to answer.
 */
const atOnce = { front: 48, background: 12, retries: 16 };

/**
 * Three queues: one for those who wait, one for monitoring and batch, one for what those who wait must try
 * again. A full lane holds up no other: each has its own workers, and the front its own places (pace.ts).
 */
export async function openLanes({ log, ...options }: Options): Promise<Lanes> {
  const open = async (name: string): Promise<JobQueue> => await createQueue({ ...options, log, name });
  const [front, background, retries] = [
    await open('inquiries'),
    await open('background'),
    await open('retry'),
  ];
  const pace = new Pace(places);
  const queues = { front, background, retries };
  return {
    queue: workQueue(queues, log),
    pace,
    work: async (broker, { calls }) => {
      const onDead = async (key: string, death: Death): Promise<void> => await buryJob(broker, key, death);
      const bounds = { timeoutMs: runMsMax, onDead };
      const behind = { ...broker, calls, pace: pace.background };
      const run = async (key: string): Promise<void> => await runInquiry(broker, key);
      await front.work(run, { ...bounds, concurrency: atOnce.front });
      await retries.work(run, { ...bounds, concurrency: atOnce.retries });
      await background.work(async (key) => await runInquiry(behind, key), {
        ...{ ...bounds, concurrency: atOnce.background },
      });
    },
    close: async () =>
      void (await Promise.all(Object.values(queues).map(async (queue) => await queue.close()))),
  };
}
