import type { Consumer } from '../consumer.ts';
import type { PasskeyRow } from '../passkey-rows.ts';
import { passkeysAt } from './in-force.ts';
import { passkeysOf } from './repository.ts';

/** A passkey as its owner sees it; neither key nor credential is repeated. */
export interface PasskeyView {
  readonly id: string;
  readonly enrolment: string;
  readonly state: 'in_force' | 'waiting' | 'replaced' | 'removed';
  readonly enrolled_at: string;
  /** From when on it counts. */
  readonly counts_from: string;
  readonly removed_at?: string;
  /** The passkey in force can sign for this waiting one. */
  readonly can_be_handed_over?: boolean;
}

/** Whether passkeys exist here, and the subject's, the newest first. */
export async function listPasskeys(
  consumer: Consumer,
  refs: readonly string[],
): Promise<{ available: boolean; items: PasskeyView[] }> {
  const { clock, db, directory, key } = consumer;
  const available = directory().member(key.member)?.passkeys !== undefined;
  const rows = await passkeysOf(db, refs);
  const byRef = Map.groupBy(rows, ({ subject_ref }) => subject_ref);
  const nowMs = clock.now();
  return { available, items: rows.map((row) => viewOf(row, byRef.get(row.subject_ref) ?? [], nowMs)) };
}

function viewOf(row: PasskeyRow, all: readonly PasskeyRow[], nowMs: number): PasskeyView {
  const { current, waiting } = passkeysAt(all, nowMs);
  const state =
    row.removed_ms !== null
      ? 'removed'
      : row === current
        ? 'in_force'
        : waiting.includes(row)
          ? 'waiting'
          : 'replaced';
  return {
    ...{ id: row.id, enrolment: row.enrolment, state },
    enrolled_at: new Date(row.enrolled_ms).toISOString(),
    counts_from: new Date(row.counts_from_ms).toISOString(),
    ...(row.removed_ms === null ? {} : { removed_at: new Date(row.removed_ms).toISOString() }),
    ...(state === 'waiting' ? { can_be_handed_over: row.replaces === current?.enrolment } : {}),
  };
}
