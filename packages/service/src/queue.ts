import { Queue, Worker, createPostgresBackend, withBackend } from 'bullmq';
import type { JobType, JobsOptions, QueueOptions, WorkerOptions } from 'bullmq';

import type { Log } from './log.ts';
import { postgresConnection, prepareQueueSchema, redisConnection } from './queue-connections.ts';

/** Redis where one is configured, else PostgreSQL. `ownerUrl` lets the start create the queue's schema. */
export type QueueBackend =
  | { readonly redisUrl: string }
  | { readonly databaseUrl: string; readonly ownerUrl?: string | undefined };

/** A person waits for `front`; `monitoring` and `batch` run when nothing before them waits. */
export type Lane = 'front' | 'monitoring' | 'batch';

const priorities: Readonly<Record<Lane, number>> = { front: 0, monitoring: 10, batch: 20 };

export interface JobQueue {
  /**
   * Tells the workers of an id. Told twice while it waits or runs, it runs once. The queue may forget it:
   * whoever adds keeps the truth in a table and sweeps it.
   */
  add(id: string, options?: { delayMs?: number; lane?: Lane }): Promise<void>;
  /** Starts a worker in this process. A throw is retried with backoff; the handler must bear to run twice. */
  work(handler: (id: string) => Promise<void>, options: { concurrency: number }): void;
  /** Jobs that wait, are delayed or run. */
  depth(): Promise<number>;
  /** Waits for the jobs under way. */
  close(): Promise<void>;
}

interface Options {
  readonly backend: QueueBackend;
  readonly name: string;
  /** Namespace of the queue's keys in Redis; a hash tag keeps them in one cluster slot. */
  readonly prefix: string;
  readonly log: Log;
}

/**
 * With BullMQ's own settings a killed worker's job comes back after a minute and fails for good the second
 * time. These bring it back within seconds, always, and keep nothing behind that could swallow the id when it
 * is added again.
 */
const workerSettings = {
  ...{ lockDuration: 5000, stalledInterval: 1000, maxStalledCount: 1000 },
  // A worker whose store refuses connections would look again after a quarter of a minute.
  runRetryDelay: 500,
} as const;
const jobSettings = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 500, jitter: 0.5 },
  removeOnComplete: true,
  removeOnFail: true,
} as const satisfies JobsOptions;

interface Job {
  readonly id: string;
}

/** A queue of ids; the same code, settings and promises on both backends. */
export async function createQueue(options: Options): Promise<JobQueue> {
  const { backend, log, name } = options;
  if ('databaseUrl' in backend && backend.ownerUrl !== undefined) await prepareQueueSchema(backend.ownerUrl);
  const queue = openQueue(options);
  const onError = (err: Error): void => log.warn({ event: 'queue_error', queue: name, err });
  queue.on('error', onError);
  const workers: AnyWorker[] = [];
  return {
    add: async (id, { delayMs = 0, lane = 'front' } = {}) => {
      const priority = priorities[lane];
      await queue.add('id', { id }, { ...jobSettings, jobId: jobIdOf(id), delay: delayMs, priority });
    },
    work: (handler, { concurrency }) => {
      const worker = openWorker(options, async (job) => await handler(job.id), concurrency);
      worker.on('error', onError);
      worker.on('failed', (_job, err) => log.warn({ event: 'job_failed', queue: name, err }));
      workers.push(worker);
    },
    depth: async () => {
      const counts = await queue.getJobCounts('waiting', 'prioritized', 'delayed', 'active');
      return Object.values(counts).reduce((sum, count) => sum + count, 0);
    },
    close: async () => {
      await Promise.all(workers.map(async (worker) => await worker.close()));
      await queue.close();
    },
  };
}

/** BullMQ reserves the colon and reads a bare integer as its own counter. */
function jobIdOf(id: string): string {
  return `j-${id.replaceAll(':', '.')}`;
}

/** What is used of a BullMQ queue and worker, whatever their backend. */
interface AnyQueue {
  add(name: string, data: Job, options: JobsOptions): Promise<unknown>;
  getJobCounts(...states: JobType[]): Promise<Record<string, number>>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  close(): Promise<void>;
}
interface AnyWorker {
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'failed', listener: (job: unknown, error: Error) => void): unknown;
  close(): Promise<void>;
}

function openQueue(options: Options): AnyQueue {
  const { backend, name, prefix } = options;
  if ('redisUrl' in backend) {
    const base: QueueOptions = { prefix, connection: redisConnection(backend.redisUrl) };
    return new Queue<Job>(name, base);
  }
  const { Queue: PostgresQueue } = withBackend(createPostgresBackend);
  return new PostgresQueue<Job>(name, { connection: postgresConnection(backend.databaseUrl) });
}

function openWorker(options: Options, run: (job: Job) => Promise<void>, concurrency: number): AnyWorker {
  const { backend, name, prefix } = options;
  const settings = { ...workerSettings, concurrency };
  const process = async (job: { data: Job }): Promise<void> => await run(job.data);
  if ('redisUrl' in backend) {
    const base: WorkerOptions = { ...settings, prefix, connection: redisConnection(backend.redisUrl) };
    return new Worker<Job>(name, process, base);
  }
  const { Worker: PostgresWorker } = withBackend(createPostgresBackend);
  return new PostgresWorker<Job>(name, process, {
    ...settings,
    connection: postgresConnection(backend.databaseUrl),
  });
}
