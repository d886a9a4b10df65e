import type { Clock, Random } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol/errors';

import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { openQueue, openWorker } from './queue-backends.ts';
import type { AnyWorker, QueueBackend } from './queue-backends.ts';
import { prepareQueueSchema } from './queue-connections.ts';
import { queueCounts } from './queue-counts.ts';
import { JobRunner } from './queue-runner.ts';
import type { Handler, OnDead } from './queue-runner.ts';
import { Troubles } from './queue-troubles.ts';

export type { QueueBackend } from './queue-backends.ts';
export type { Death, Handler, OnDead } from './queue-runner.ts';

/** A person waits for `front`; `monitoring` and `batch` run when nothing before them waits. */
export type Lane = 'front' | 'monitoring' | 'batch';

const priorities: Readonly<Record<Lane, number>> = { front: 0, monitoring: 10, batch: 20 };

/** What became of an id that was told: it is a job now; or a job of it is there already, and covers it. */
export type Told = 'queued' | 'absorbed';

export interface JobQueue {
  /**
   * Tells the workers of an id, and says whether that was news. The queue may forget it: whoever adds keeps
   * the truth in a table and sweeps it.
   * @throws CausewayError unavailable where too many wait for the queue's store; Error where that refuses
   */
  add(id: string, options?: Telling): Promise<Told>;
  /**
   * Starts a worker in this process, and returns when it is connected. The handler must bear to run twice.
   */
  work(handler: Handler, options: WorkOptions): Promise<void>;
  /** Jobs that wait, are delayed or run. */
  depth(): Promise<number>;
  /** Waits for the jobs under way, some seconds at most. */
  close(): Promise<void>;
}

export interface Telling {
  /** Not before this has passed. */
  readonly delayMs?: number;
  readonly lane?: Lane;
  /**
   * Where a job of it is under way it is not enough, and the id runs once more when that has ended. What
   * tells its own id from within a run means this.
   */
  readonly again?: boolean;
}

export interface WorkOptions {
  readonly concurrency: number;
  /**
   * How long one run may take. Then its signal aborts; half a second later its place is free again, whether
   * the handler has ended or not, and the run has failed.
   */
  readonly timeoutMs: number;
  /** Runs that may begin per second, all workers together. Unlimited where nothing is said. */
  readonly perSecondMax?: number;
  /** Told of each job that is given up, before the queue forgets it. Where it throws it is told again. */
  readonly onDead?: OnDead;
}

/** How much a job may fail, and how soon a worker that has died is noticed. */
export interface QueueLimits {
  /** Runs that end with a throw or out of time; then the job is given up. */
  readonly attemptsMax: number;
  /** The pause after the first of them; each later one is twice as long, less up to half of it by chance. */
  readonly backoffMs: number;
  /** Runs on their own that took the whole process down; then the job is given up. */
  readonly crashesMax: number;
  /** How long a worker's claim to a job lasts without being renewed. */
  readonly lockMs: number;
  /** How long a close waits for jobs under way: less than `runService` gives a service that ends. */
  readonly closeMs: number;
}

const usualLimits: QueueLimits = {
  ...{ attemptsMax: 5, backoffMs: 500, crashesMax: 5 },
  ...{ lockMs: 5000, closeMs: 8000 },
};

interface Options {
  readonly backend: QueueBackend;
  readonly name: string;
  /** Namespace of the queue's keys in Redis; a hash tag keeps them in one cluster slot. */
  readonly prefix: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics?: Metrics;
  readonly limits?: Partial<QueueLimits>;
}

const goodbyeMsMax = 1000;

/** Ids on their way into the queue's store at once; more are refused, since the sweeper tells them later. */
const addsMax = 1000;

/** A queue of ids; the same code, settings and promises on both backends. */
export async function createQueue(options: Options): Promise<JobQueue> {
  const { backend, log, name } = options;
  const limits = { ...usualLimits, ...options.limits };
  const counts = queueCounts(options.metrics);
  if ('databaseUrl' in backend && backend.ownerUrl !== undefined) await prepareQueueSchema(backend.ownerUrl);
  const troubles = new Troubles(log, name);
  const queue = openQueue(options);
  queue.on('error', (err) => troubles.report(err));
  await queue.waitUntilReady();
  const workers: AnyWorker[] = [];
  let adding = 0;
  let closing: Promise<void> | undefined;
  return {
    add: async (id, told = {}) => {
      if (adding >= addsMax) throw new CausewayError('unavailable', { internal: 'too many told at once' });
      adding += 1;
      try {
        const answer = await tell(queue, id, { ...told, limits, random: options.random });
        counts?.told.inc({ queue: name, answer });
        return answer;
      } finally {
        adding -= 1;
      }
    },
    work: async (handler, { concurrency, perSecondMax, ...bounds }) => {
      const runner = new JobRunner({ ...bounds, name, log, limits, counts, handler, clock: options.clock });
      const worker = openWorker(options, runner.run, { concurrency, perSecondMax, lockMs: limits.lockMs });
      worker.on('error', (err) => troubles.report(err));
      // Another worker may have the job by now: whoever minds the signal stops here.
      worker.on('lockRenewalFailed', (ids) => ids.forEach((id) => worker.cancelJob(id)));
      workers.push(worker);
      await worker.waitUntilReady();
    },
    depth: async () => {
      const states = await queue.getJobCounts('waiting', 'prioritized', 'delayed', 'active');
      return Object.values(states).reduce((sum, count) => sum + count, 0);
    },
    close: async () =>
      await (closing ??= closeAll(workers, queue, limits.closeMs).finally(() => troubles.end())),
  };
}

/** Workers first: what runs still may have something to tell. */
async function closeAll(workers: readonly Closing[], queue: Closing, closeMs: number): Promise<void> {
  await Promise.all(workers.map(async (worker) => await closeInTime(worker, closeMs)));
  await closeInTime(queue, goodbyeMsMax);
}

/**
 * Waits for the jobs under way. A store that is away answers no goodbye; what runs beyond the time that a
 * service has for its end comes back at another worker.
 */
async function closeInTime(part: Closing, msMax: number): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    part.disconnect().catch(() => undefined);
    late.resolve();
  }, msMax);
  const closed = part.close().catch(() => undefined);
  await Promise.race([closed, late.promise]);
  clearTimeout(timer);
}

type Closing = Pick<AnyWorker, 'close' | 'disconnect'>;
interface FullTelling extends Telling {
  readonly limits: QueueLimits;
  readonly random: Random;
}

/**
 * A job has a name of its own, and the id is what jobs of the same are recognised by: the queue answers with
 * the name of the job that is there already, if one is. A job that ended leaves nothing that could swallow
 * its id when it is told again.
 */
async function tell(
  queue: ReturnType<typeof openQueue>,
  id: string,
  { again = false, delayMs = 0, lane = 'front', limits, random }: FullTelling,
): Promise<Told> {
  const key = keyOf(id);
  const jobId = `${key}-${Buffer.from(random.bytes(9)).toString('base64url')}`;
  const job = await queue.add(
    'id',
    { id },
    {
      jobId,
      deduplication: { id: key, keepLastIfActive: again },
      delay: delayMs,
      priority: priorities[lane],
      attempts: limits.attemptsMax,
      backoff: { type: 'exponential', delay: limits.backoffMs, jitter: 0.5 },
      removeOnComplete: true,
      removeOnFail: true,
    },
  );
  return job.id === jobId ? 'queued' : 'absorbed';
}

/** BullMQ reserves the colon and reads a bare integer as its own counter. */
function keyOf(id: string): string {
  return `j-${id.replaceAll(':', '.')}`;
}
