import type { Broker } from '../broker.ts';

/** How often a waiter looks for itself; a change in this process wakes it at once. */
export const lookMs = 250;

/**
 * Waits until the inquiry is finished, one way or the other, or `seconds` have passed, or the caller has
 * gone.
 */
export async function waitForEnd(
  broker: Broker,
  key: string,
  seconds: number,
  signal: AbortSignal,
): Promise<boolean> {
  const until = broker.clock.monotonic() + seconds * 1000;
  while (!signal.aborted) {
    const row = await broker.db
      .selectFrom('inquiry')
      .where('inquiry', '=', key)
      .select('finished_ms')
      .executeTakeFirst();
    if (row !== undefined && row.finished_ms !== null) return true;
    const leftMs = until - broker.clock.monotonic();
    if (leftMs <= 0) return false;
    await broker.waiters.next(key, Math.min(lookMs, leftMs), signal);
  }
  return false;
}
