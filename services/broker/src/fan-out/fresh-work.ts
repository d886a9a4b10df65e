import type { Log } from '@causeway/service';
import type { Lane } from '@causeway/service/queue';

import type { WorkQueue } from '../broker.ts';
import type { OpenInquiry } from '../inquiries/open-inquiry.ts';

interface Options {
  /** Inquiries worked on at once in the process that accepted them. */
  readonly placesMax: number;
  readonly run: (inquiry: OpenInquiry) => Promise<void>;
  readonly queue: Pick<WorkQueue, 'start'>;
  readonly log: Log;
}

/**
 * Inquiries that have just been accepted here. One for which somebody waits is begun at once, in this
 * process, while it has places: the accepting transaction has made it durable, and the sweeper repairs what a
 * crash leaves. All others, and every lane where nobody waits, go through the queue, to whichever process has
 * time.
 */
export class FreshWork {
  readonly #options: Options;
  readonly #running = new Set<Promise<void>>();

  constructor(options: Options) {
    this.#options = options;
  }

  begin(inquiry: OpenInquiry, lane: Lane): void {
    const { placesMax, queue } = this.#options;
    if (lane === 'front' && this.#running.size < placesMax) this.#run(inquiry);
    else queue.start(inquiry.key, lane);
  }

  /** Waits for the work under way. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  #run(inquiry: OpenInquiry): void {
    const { log, run } = this.#options;
    const work = run(inquiry).catch((err: unknown) => log.warn({ event: 'fresh_work_failed', err }));
    this.#running.add(work);
    void work.finally(() => this.#running.delete(work));
  }
}
