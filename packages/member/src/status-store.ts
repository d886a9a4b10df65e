import { CausewayError, isOpening } from '@causeway/protocol';
import type { Digest, Status, StopAction } from '@causeway/protocol';
import { sql } from 'kysely';
import type { Kysely, Transaction } from 'kysely';

/** A received status under its once key. */
export interface ReceivedStatus {
  /** The first reference of the subject. */
  readonly subjectRef: string;
  readonly iss: string;
  readonly sequence: number;
  readonly digest: Digest;
}

/** What an ack answers: a status, or a head of the directory. */
export type AckOf = ReceivedStatus | { readonly head: Digest };

/**
 * The ack recorded for it; null for a status that was received and has none yet, undefined for what was never
 * received.
 * @throws CausewayError once_conflict: another status came under the once key
 */
export async function findAck<DB>(db: Kysely<DB>, of: AckOf): Promise<string | null | undefined> {
  if ('head' in of) {
    const { rows } = await sql<{ ack: string }>`
      SELECT ack FROM received_head WHERE digest = ${of.head}`.execute(db);
    return rows[0]?.ack;
  }
  const { rows } = await sql<{ digest: string; ack: string | null }>`
    SELECT digest, ack FROM received_status
    WHERE subject_ref = ${of.subjectRef} AND iss = ${of.iss} AND sequence = ${of.sequence}`.execute(db);
  const [row] = rows;
  if (row !== undefined && row.digest !== of.digest) throw new CausewayError('once_conflict');
  return row?.ack;
}

/** Counts a status once: true for the first. The subject's lock must be held exclusively. */
export async function receiveStatus<DB>(trx: Transaction<DB>, of: ReceivedStatus): Promise<boolean> {
  const inserted = await sql`
    INSERT INTO received_status (subject_ref, iss, sequence, digest)
    VALUES (${of.subjectRef}, ${of.iss}, ${of.sequence}, ${of.digest})
    ON CONFLICT (subject_ref, iss, sequence) DO NOTHING`.execute(trx);
  if (inserted.numAffectedRows === 1n) return true;
  await findAck(trx, of);
  return false;
}

const stateOf = {
  revoke: 'revoked',
  pause: 'paused',
  resume: 'active',
  freeze: 'frozen',
  thaw: 'active',
} as const satisfies Record<StopAction, string>;

/**
 * What the status says, for each reference of the subject. Sequences grow per subject, so one that comes late
 * never overwrites a newer one; and nothing brings a revoked consent back. A restriction that follows another
 * without a gap counts from the first. The subject's lock must be held exclusively.
 * @throws CausewayError statement_type for what is no stop: it is the subject's receipt, and nobody's order
 */
export async function applyStatus<DB>(
  trx: Transaction<DB>,
  { action, consent, restricts, sequence, subject_refs }: Status,
  { digest, nowMs }: { readonly digest: Digest; readonly nowMs: number },
): Promise<void> {
  if (isOpening(action)) throw new CausewayError('statement_type', { pointer: '/action' });
  await sql`
    INSERT INTO subject_status (subject_ref, consent, state, sequence, status_digest, restricts_from_ms)
    SELECT ref, ${consent ?? ''}, ${stateOf[action]}, ${sequence}, ${digest},
      ${restricts === true ? nowMs : null}::bigint
    FROM unnest(${[...subject_refs]}::text[]) AS refs (ref) ORDER BY ref
    ON CONFLICT (subject_ref, consent) DO UPDATE
    SET state = excluded.state, sequence = excluded.sequence, status_digest = excluded.status_digest,
      restricts_from_ms = CASE WHEN excluded.restricts_from_ms IS NOT NULL
        THEN coalesce(subject_status.restricts_from_ms, excluded.restricts_from_ms) END
    WHERE subject_status.sequence < excluded.sequence AND subject_status.state <> 'revoked'`.execute(trx);
}

/** Records the ack, unless there is one; returns the one that is recorded. */
export async function recordAck<DB>(trx: Transaction<DB>, of: AckOf, ack: string): Promise<string> {
  if ('head' in of) {
    await sql`
      INSERT INTO received_head (digest, ack) VALUES (${of.head}, ${ack})
      ON CONFLICT DO NOTHING`.execute(trx);
  } else {
    await sql`
      UPDATE received_status SET ack = ${ack}
      WHERE subject_ref = ${of.subjectRef} AND iss = ${of.iss} AND sequence = ${of.sequence}
        AND ack IS NULL`.execute(trx);
  }
  return (await findAck(trx, of)) ?? ack;
}
