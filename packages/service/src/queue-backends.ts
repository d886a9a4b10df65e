import { createPostgresBackend, createRedisBackend, withBackend } from 'bullmq';
import type { IQueueBackend, JobType, JobsOptions } from 'bullmq';

import { postgresConnection, redisConnection, redisProducerConnection } from './queue-connections.ts';
import type { Process } from './queue-runner.ts';

/** Redis where one is configured, else PostgreSQL. `ownerUrl` lets the start create the queue's schema. */
export type QueueBackend =
  | { readonly redisUrl: string }
  | { readonly databaseUrl: string; readonly ownerUrl?: string | undefined };

interface Options {
  readonly backend: QueueBackend;
  readonly name: string;
  readonly prefix: string;
}

/** What is used of a BullMQ queue and worker, whatever their backend. */
interface AnyQueue {
  add(name: string, data: { id: string }, options: JobsOptions): Promise<{ id?: string | undefined }>;
  getJobCounts(...states: JobType[]): Promise<Record<string, number>>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
  disconnect(): Promise<void>;
}
export interface AnyWorker {
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'lockRenewalFailed', listener: (jobIds: string[]) => void): unknown;
  cancelJob(jobId: string): boolean;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
  disconnect(): Promise<void>;
}

/** Workers take jobs as often as the store lets them; one that refuses is asked again after this pause. */
const refusedPauseMs = 500;
/**
 * An idle worker looks for itself after this, since a wake-up may be lost: to a worker that is frozen, or
 * with the connection that it came by. BullMQ would sleep for up to an hour then.
 */
const lookSeconds = 2;

export function openQueue({ backend, name, prefix }: Options): AnyQueue {
  if ('redisUrl' in backend) {
    const { Queue } = withBackend(createRedisBackend);
    return new Queue(name, { prefix, connection: redisProducerConnection(backend.redisUrl) });
  }
  const { Queue } = withBackend(createPostgresBackend);
  return new Queue(name, { connection: postgresConnection(backend.databaseUrl) });
}

interface Bounds {
  readonly concurrency: number;
  readonly perSecondMax?: number | undefined;
  readonly lockMs: number;
}

/**
 * With BullMQ's own settings a killed worker's job comes back after a minute and fails for good the second
 * time. These bring it back within seconds, always: when to give up is decided by the runner.
 */
export function openWorker({ backend, name, prefix }: Options, run: Process, bounds: Bounds): AnyWorker {
  const { concurrency, lockMs, perSecondMax } = bounds;
  const settings = {
    concurrency,
    lockDuration: lockMs,
    drainDelay: lookSeconds,
    stalledInterval: lockMs / 5,
    maxStalledCount: 1_000_000,
    // A worker whose store refuses connections would look again after a quarter of a minute.
    runRetryDelay: refusedPauseMs,
    ...(perSecondMax === undefined ? {} : { limiter: { max: perSecondMax, duration: 1000 } }),
  };
  if ('redisUrl' in backend) {
    const { Worker } = withBackend(steady(createRedisBackend));
    return new Worker(name, run, { ...settings, prefix, connection: redisConnection(backend.redisUrl) });
  }
  const { Worker } = withBackend(steady(createPostgresBackend));
  return new Worker(name, run, { ...settings, connection: postgresConnection(backend.databaseUrl) });
}

/**
 * What BullMQ's own loop gets wrong while a store is in trouble. One that answers with an error (it starts,
 * recovers, is a replica) would be asked again at once, hundreds of times a second. And a worker whose wait
 * for work failed would wait next time for as long as the backend lets it.
 */
function steady<A extends unknown[], B extends IQueueBackend>(make: (...args: A) => B): (...args: A) => B {
  return (...args) => {
    const backend = make(...args);
    const take = backend.moveToActive.bind(backend);
    backend.moveToActive = async (...asked): Promise<unknown[]> => {
      try {
        const taken: unknown[] = await take(...asked);
        return taken;
      } catch (error) {
        await new Promise((resolve) => setTimeout(resolve, refusedPauseMs));
        throw error;
      }
    };
    Object.defineProperty(backend, 'maximumBlockTimeout', { value: lookSeconds });
    return backend;
  };
}
