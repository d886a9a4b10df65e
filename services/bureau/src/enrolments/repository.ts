import type { PasskeyJwk, Pin } from '@causeway/protocol';
import { sql, type Kysely, type Transaction } from 'kysely';

import type { BureauTables } from '../tables.ts';

const columns = [
  'digest',
  'credential_id',
  'public_key',
  'replaces',
  'issued_at',
  'counts_from',
  'ended_at',
] as const;

/** The enrolments that are pinned for a subject, oldest first. */
export async function pinsOf(db: Kysely<BureauTables>, subjectRef: string): Promise<readonly Pin[]> {
  const rows = await db
    .selectFrom('enrolment_pin')
    .select(columns)
    .where('subject_ref', '=', subjectRef)
    .orderBy('issued_at')
    .orderBy('counts_from')
    .execute();
  return rows.map(({ ended_at, public_key, replaces, ...row }) => ({
    ...row,
    // This bureau verified the enrolment that it comes from.
    public_key: JSON.parse(public_key) as PasskeyJwk,
    ...(replaces === null ? {} : { replaces }),
    ...(ended_at === null ? {} : { ended_at }),
  }));
}

/** Writes the pins of a subject as they are now; what a pin says never changes but for its end. */
export async function writePins(
  trx: Transaction<BureauTables>,
  subjectRef: string,
  pins: readonly Pin[],
  nowMs: number,
): Promise<void> {
  const rows = pins.map(({ ended_at = null, public_key, replaces = null, ...pin }) => ({
    ...pin,
    ...{ subject_ref: subjectRef, public_key: JSON.stringify(public_key), replaces, ended_at },
    pinned_ms: nowMs,
  }));
  await trx
    .insertInto('enrolment_pin')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['subject_ref', 'digest']).doUpdateSet({ ended_at: sql.ref('excluded.ended_at') }),
    )
    .execute();
}
