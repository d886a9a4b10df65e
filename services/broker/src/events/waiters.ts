/**
 * Who waits in this process for a change of an inquiry. It only makes things prompt: the database is the
 * truth, and every waiter also looks there by itself, because the change may happen in another process.
 */
export class Waiters {
  readonly #waiting = new Map<string, Set<() => void>>();

  /** Wakes all who wait for this inquiry here. */
  wake(inquiry: string): void {
    const waiting = this.#waiting.get(inquiry);
    if (waiting === undefined) return;
    this.#waiting.delete(inquiry);
    for (const resume of waiting) resume();
  }

  /**
   * Returns at the next change, after `timeoutMs`, or when `signal` aborts, whichever is first; never throws.
   */
  async next(inquiry: string, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.#waiting.get(inquiry) ?? new Set();
    this.#waiting.set(inquiry, waiting.add(resolve));
    const timer = setTimeout(resolve, timeoutMs);
    signal?.addEventListener('abort', () => resolve(), { once: true });
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      waiting.delete(resolve);
      if (waiting.size === 0 && this.#waiting.get(inquiry) === waiting) this.#waiting.delete(inquiry);
    }
  }

  /** How many inquiries are waited for; for tests and metrics. */
  get size(): number {
    return this.#waiting.size;
  }
}
