import type { Log } from './log.ts';

const windowMs = 5000;

/**
 * The errors of a queue's store in few lines: the first at once, then for every five seconds their number
 * and the last of them, until none comes any more. A database that recovers raises hundreds a second.
 */
export class Troubles {
  readonly #log: Log;
  readonly #queue: string;
  #timer: NodeJS.Timeout | undefined;
  #count = 0;
  #last: Error | undefined;

  constructor(log: Log, queue: string) {
    this.#log = log;
    this.#queue = queue;
  }

  report(err: Error): void {
    if (this.#timer !== undefined) {
      this.#count += 1;
      this.#last = err;
      return;
    }
    this.#log.warn({ event: 'queue_error', queue: this.#queue, err });
    this.#timer = setInterval(() => this.#sum(), windowMs).unref();
  }

  /** Tells what has not been told yet. */
  end(): void {
    this.#sum();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #sum(): void {
    if (this.#count === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    this.#log.warn({ event: 'queue_error', queue: this.#queue, count: this.#count, err: this.#last });
    this.#count = 0;
  }
}
