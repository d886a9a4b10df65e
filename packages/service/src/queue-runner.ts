import type { Clock } from '@causeway/kernel';
import { DelayedError, UnrecoverableError } from 'bullmq';

import type { Log } from './log.ts';
import type { QueueCounts } from './queue-counts.ts';
import { JobTimeout, withinTime } from './queue-deadline.ts';
import { Places } from './queue-places.ts';

/**
 * Does the work that an id stands for. `signal` aborts when its time is up, or when the job has gone to
 * another worker because this process was frozen; `attempt` counts from 1.
 */
export type Handler = (id: string, run: { signal: AbortSignal; attempt: number }) => Promise<void>;

/** Why a job was given up. */
export interface Death {
  /** The last run threw; or it took too long; or this many runs in a row took their whole process down. */
  readonly reason: 'failed' | 'timed_out' | 'crashed';
  readonly attempts: number;
  /** What the last run threw. */
  readonly error?: unknown;
}

export type OnDead = (id: string, death: Death) => Promise<void>;

/** What is used of a job that a worker has taken. */
interface Taken {
  readonly data: JobData;
  readonly attemptsMade: number;
  /** Times that its worker was not heard of for longer than the lock lasts. */
  readonly stalledCounter: number;
  updateData(data: JobData): Promise<void>;
  moveToDelayed(atMs: number, token?: string): Promise<void>;
}

interface JobData {
  readonly id: string;
  /** Runs in a row that ended with their process, and `stalledCounter` when the last of them began. */
  readonly crashes?: number;
  readonly stalls?: number;
}

export type Process = (job: Taken, token: string | undefined, lost?: AbortSignal) => Promise<void>;

interface Options {
  readonly name: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly counts: QueueCounts | undefined;
  readonly handler: Handler;
  readonly onDead?: OnDead;
  readonly timeoutMs: number;
  readonly limits: { readonly attemptsMax: number; readonly crashesMax: number };
}

/** Of the jobs whose worker has died, so many run at once; those that seem to be the cause run alone. */
const suspectsAtOnce = 8;
const aloneFrom = 2;
const suspectPauseMs = 200;
const onDeadPauseMs = 1000;

/**
 * Runs the jobs that one worker takes, and gives up the one that fails again and again, or that ends its
 * process each time. When a process dies, all jobs in it come back, the guilty one and the innocent: from
 * then on each counts its own runs, with few others beside it and at last with none, so that the innocent
 * complete and only the guilty one goes on counting.
 */
export class JobRunner {
  readonly #options: Options;
  readonly #suspects = new Places(suspectsAtOnce);

  constructor(options: Options) {
    this.#options = options;
  }

  readonly run: Process = async (job, token, lost) => {
    if (job.stalledCounter === 0) await this.#attempt(job, token, lost);
    else await this.#attemptWithCare(job, token, lost);
  };

  async #attemptWithCare(job: Taken, token: string | undefined, lost?: AbortSignal): Promise<void> {
    const { id, crashes = 0, stalls = Infinity } = job.data;
    const crashed = job.stalledCounter > stalls ? crashes + 1 : 0;
    if (crashed >= this.#options.limits.crashesMax) {
      await this.#giveUp(job, token, { reason: 'crashed', attempts: crashed });
    }
    const taken = crashed < aloneFrom ? 1 : suspectsAtOnce;
    if (!this.#suspects.take(taken)) await this.#later(job, token, suspectPauseMs);
    try {
      await job.updateData({ id, crashes: crashed, stalls: job.stalledCounter });
      // A process that dies from here on leaves the job to another, which counts one crash more.
      await this.#attempt(job, token, lost);
    } finally {
      this.#suspects.leave(taken);
    }
  }

  async #attempt(job: Taken, token: string | undefined, lost?: AbortSignal): Promise<void> {
    const { handler, limits, log, name, timeoutMs } = this.#options;
    const { id } = job.data;
    const attempt = job.attemptsMade + 1;
    try {
      await withinTime(timeoutMs, lost, async (signal) => await handler(id, { signal, attempt }));
    } catch (error) {
      log.warn({ event: 'job_failed', queue: name, attempt, err: error });
      if (attempt >= limits.attemptsMax) {
        const reason = error instanceof JobTimeout ? 'timed_out' : 'failed';
        await this.#giveUp(job, token, { reason, attempts: attempt, error });
      }
      // The queue's store keeps what is thrown here, and foreign messages quote what they refuse.
      throw new Error('the run failed');
    }
  }

  /** Ends by throwing what makes the queue forget the job, or bring it back where `onDead` failed. */
  async #giveUp(job: Taken, token: string | undefined, death: Death): Promise<never> {
    const { counts, log, name, onDead } = this.#options;
    const { reason, attempts } = death;
    try {
      await onDead?.(job.data.id, death);
    } catch (err) {
      log.error({ event: 'job_death_not_told', queue: name, reason, err });
      return await this.#later(job, token, onDeadPauseMs);
    }
    // A crash here leaves the job to another worker, which gives it up once more: `onDead` bears that.
    counts?.dead.inc({ queue: name, reason });
    log.error({ event: 'job_dead', alarm: true, queue: name, reason, attempt: attempts });
    throw new UnrecoverableError('given up');
  }

  async #later(job: Taken, token: string | undefined, pauseMs: number): Promise<never> {
    await job.moveToDelayed(this.#options.clock.now() + pauseMs, token);
    throw new DelayedError();
  }
}
