import type { Clock } from '@causeway/kernel';
import { CausewayError, type Erasure } from '@causeway/protocol';
import type { Log, SubjectKeys } from '@causeway/service';
import { sql, type Transaction } from 'kysely';

import type { Buried } from './bury-subject.ts';

/**
 * Until when what this node holds of a subject must be kept, in ms, counted from their restriction at
 * `fromMs`; `fromMs` itself where it holds nothing that must be. With the subject's locks held exclusively.
 */
export type KeptHere<DB> = (trx: Transaction<DB>, of: Buried, fromMs: number) => Promise<number>;

interface Parts<DB> {
  readonly clock: Clock;
  readonly log: Log;
  readonly keys: Pick<SubjectKeys, 'handleOf'>;
  readonly keptHere: KeptHere<DB>;
}

/**
 * Nothing is destroyed on its sender's word alone: this node itself must have acknowledged the restriction
 * that the erasure names, no later status may have ended it for any of the references, and by its own clock
 * all that it holds must have been kept since for as long as policy says. The subject's locks must be held
 * exclusively.
 * @throws CausewayError not_restricted, retention_not_over
 */
export async function requireOver<DB>(
  { clock, keptHere, keys, log }: Parts<DB>,
  trx: Transaction<DB>,
  erasure: Erasure,
): Promise<void> {
  const refuse = (code: 'not_restricted' | 'retention_not_over'): never => {
    log.error({ event: 'erasure_refused', alarm: true, code });
    throw new CausewayError(code);
  };
  const since = await restrictedSince(trx, erasure);
  for (const ref of erasure.subject_refs) {
    const fromMs = since.get(ref) ?? refuse('not_restricted');
    const untilMs = await keptHere(trx, { ref, subject: keys.handleOf(ref) }, fromMs);
    if (clock.now() < untilMs) refuse('retention_not_over');
  }
}

/** Since when each reference is under the restriction that is named and that this node has acknowledged. */
async function restrictedSince<DB>(
  trx: Transaction<DB>,
  { iss, restriction, subject_refs }: Erasure,
): Promise<ReadonlyMap<string, number>> {
  const refs = [...subject_refs];
  const { rows } = await sql<{ ref: string; from_ms: number }>`
    SELECT subject_ref AS ref, restricts_from_ms AS from_ms FROM subject_status
    WHERE subject_ref = ANY (${refs}::text[]) AND consent = '' AND state = 'frozen'
      AND status_digest = ${restriction} AND restricts_from_ms IS NOT NULL
      AND EXISTS (SELECT FROM received_status
        WHERE subject_ref = ANY (${refs}::text[]) AND iss = ${iss} AND digest = ${restriction}
          AND ack IS NOT NULL)`.execute(trx);
  return new Map(rows.map(({ from_ms, ref }) => [ref, from_ms]));
}
