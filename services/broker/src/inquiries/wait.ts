import type { Broker } from '../broker.ts';
import type { ReadyReport } from '../reports/release.ts';

/** How often a waiter looks for itself; a change in this process wakes it at once. */
export const lookMs = 250;
/** Who waits for the end alone looks less often, since nearly all ends come up in this process. */
const endLookMs = 1000;

const endOf = (key: string): string => `${key} end`;

/**
 * Wakes all who wait in this process: for any change of the inquiry, and for its end, with the report where
 * it has just been made here.
 */
export function wakeAtEnd({ waiters }: Pick<Broker, 'waiters'>, key: string, ready?: ReadyReport): void {
  waiters.wake(key);
  waiters.wake(endOf(key), ready);
}

/** The report from memory; or that the end is in the database; or that there is none yet. */
export type Ended = ReadyReport | 'stored' | 'not_yet';

/**
 * Waits until the inquiry is finished, one way or the other, or `seconds` have passed, or the caller has
 * gone.
 */
export async function waitForEnd(
  broker: Broker,
  key: string,
  seconds: number,
  signal: AbortSignal,
): Promise<Ended> {
  const until = broker.clock.monotonic() + seconds * 1000;
  while (!signal.aborted) {
    const leftMs = until - broker.clock.monotonic();
    const ready = await broker.waiters.next(endOf(key), Math.max(0, Math.min(endLookMs, leftMs)), signal);
    if (ready !== undefined) return ready;
    if (await isFinished(broker, key)) return 'stored';
    if (leftMs <= endLookMs) return 'not_yet';
  }
  return 'not_yet';
}

async function isFinished({ db }: Broker, key: string): Promise<boolean> {
  const row = await db
    .selectFrom('inquiry')
    .where('inquiry', '=', key)
    .select('finished_ms')
    .executeTakeFirst();
  return row !== undefined && row.finished_ms !== null;
}
