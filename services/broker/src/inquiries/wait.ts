import type { Broker } from '../broker.ts';

/** How often a waiter looks for itself; a change in this process wakes it at once. */
export const lookMs = 250;
/** Who waits for the end alone looks less and less often, since most looks find nothing. */
const lookMsMax = 1000;

const endOf = (key: string): string => `${key} end`;

/** Wakes all who wait in this process: for any change of the inquiry, and for its end. */
export function wakeAtEnd({ waiters }: Broker, key: string): void {
  waiters.wake(key);
  waiters.wake(endOf(key));
}

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
  for (let pauseMs = lookMs; !signal.aborted; pauseMs = Math.min(pauseMs * 2, lookMsMax)) {
    const row = await broker.db
      .selectFrom('inquiry')
      .where('inquiry', '=', key)
      .select('finished_ms')
      .executeTakeFirst();
    if (row !== undefined && row.finished_ms !== null) return true;
    const leftMs = until - broker.clock.monotonic();
    if (leftMs <= 0) return false;
    await broker.waiters.next(endOf(key), Math.min(pauseMs, leftMs), signal);
  }
  return false;
}
