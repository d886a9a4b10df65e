/**
 * Who waits in this process for news of a topic. It only makes things prompt: the database is the truth,
 * and every waiter also looks there by itself, because the news may come up in another process.
 */
export class Waiters<News> {
  readonly #waiting = new Map<string, Set<(news: News | undefined) => void>>();

  /** Wakes all who wait for this here, with the news where there is more to say than that there is some. */
  wake(topic: string, news?: News): void {
    const waiting = this.#waiting.get(topic);
    if (waiting === undefined) return;
    this.#waiting.delete(topic);
    for (const resume of waiting) resume(news);
  }

  /**
   * Returns at the next news, after `timeoutMs`, or when `signal` aborts, whichever is first; never throws.
   */
  async next(topic: string, timeoutMs: number, signal?: AbortSignal): Promise<News | undefined> {
    if (signal?.aborted === true) return undefined;
    const { promise, resolve } = Promise.withResolvers<News | undefined>();
    const waiting = this.#waiting.get(topic) ?? new Set();
    this.#waiting.set(topic, waiting.add(resolve));
    const timer = setTimeout(() => resolve(undefined), timeoutMs);
    const gone = (): void => resolve(undefined);
    signal?.addEventListener('abort', gone, { once: true });
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', gone);
      waiting.delete(resolve);
      if (waiting.size === 0 && this.#waiting.get(topic) === waiting) this.#waiting.delete(topic);
    }
  }

  /** How many topics are waited for; for tests and metrics. */
  get size(): number {
    return this.#waiting.size;
  }
}
