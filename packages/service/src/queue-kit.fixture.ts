import { systemClock } from '@causeway/kernel/system';
import { afterEach } from 'vitest';

import { quietLog, systemRandom } from './shell.fixture.ts';
import { createQueue } from './queue.ts';
import type { JobQueue, QueueBackend, QueueLimits } from './queue.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

/** For conditions that a busy machine may keep waiting. */
export const patient = { timeout: 20_000, interval: 20 };
/** No test's job takes so long. */
export const timeoutMs = 30_000;

/** Where the tests of a backend get their queues from; each is closed after the test that opened it. */
export function queueKit(backendOf: () => QueueBackend) {
  const opened: JobQueue[] = [];
  let names = 0;
  /** Of this run and this process, since the store outlives both. */
  const freshName = (): string => `q${process.pid}-${(names += 1)}`;
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(async (queue) => queue.close()));
  });
  interface Wanted {
    name?: string;
    limits?: Partial<QueueLimits>;
    log?: Log;
    metrics?: Metrics;
  }
  const newQueue = async ({
    name = freshName(),
    log = quietLog,
    ...rest
  }: Wanted = {}): Promise<JobQueue> => {
    const parts = { prefix: '{t}', log, clock: systemClock, random: systemRandom };
    const queue = await createQueue({ backend: backendOf(), name, ...parts, ...rest });
    opened.push(queue);
    return queue;
  };
  return { backendOf, freshName, newQueue };
}

export type QueueKit = ReturnType<typeof queueKit>;

/**
 * What the owner of a queue keeps in a table: the ids that are not done. It tells all of them again until
 * none is left, as the sweeper of a service does.
 */
export class Unfinished {
  readonly #ids: Set<string>;
  #timer: NodeJS.Timeout | undefined;

  constructor(ids: readonly string[]) {
    this.#ids = new Set(ids);
  }

  done(id: string): void {
    this.#ids.delete(id);
  }

  get left(): number {
    return this.#ids.size;
  }

  /** Tells what is not done every `periodMs`; what the queue cannot take now is told the next time. */
  sweep(queue: Pick<JobQueue, 'add'>, periodMs: number): () => void {
    this.#timer = setInterval(() => {
      for (const id of this.#ids) queue.add(id).catch(() => undefined);
    }, periodMs);
    return () => clearInterval(this.#timer);
  }
}
