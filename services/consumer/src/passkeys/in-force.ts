import type { PasskeyRow } from '../passkey-rows.ts';

type Timed = Pick<PasskeyRow, 'counts_from_ms' | 'removed_ms'>;

/** A subject's passkeys at a moment. */
export interface PasskeysAt<R> {
  /** The one that signs for the subject. */
  readonly current: R | undefined;
  /** The newest that has ever counted, removed or not: what a further one replaces. */
  readonly latest: R | undefined;
  /** Those that do not count yet. */
  readonly waiting: readonly R[];
}

/**
 * Which passkey is in force: the newest whose time has come, unless it was removed. The one before it does
 * not come back. One that was removed while it waited never counted.
 *
 * @param rows of one subject, in any order
 */
export function passkeysAt<R extends Timed>(rows: readonly R[], nowMs: number): PasskeysAt<R> {
  const counted = rows.filter(
    ({ counts_from_ms: from, removed_ms: removed }) => from <= nowMs && (removed === null || removed >= from),
  );
  const latest = counted.toSorted((a, b) => b.counts_from_ms - a.counts_from_ms)[0];
  const current = latest !== undefined && latest.removed_ms === null ? latest : undefined;
  const waiting = rows.filter((row) => row.counts_from_ms > nowMs && row.removed_ms === null);
  return { current, latest, waiting };
}
