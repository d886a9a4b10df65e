import { sql } from 'kysely';
import type { Kysely, Transaction } from 'kysely';
import { transaction, type SubjectKeys } from '@causeway/service';

import { lockSubjectsExclusive } from '../status-lock.ts';

/** A reference, and the keyed hash by which the key store knows it. */
export interface Buried {
  readonly ref: string;
  readonly subject: string;
}

/**
 * Takes away all that this node keeps of a subject in rows: the function `bury_subject` of the service's own
 * database, which is the only way to delete them. The subject's locks must be held exclusively.
 */
export async function burySubject<DB>(trx: Transaction<DB>, { ref, subject }: Buried): Promise<void> {
  await sql`SELECT bury_subject(${ref}, ${subject})`.execute(trx);
}

/**
 * The same after the key was destroyed, unless somebody has begun another life since: whoever begins one has
 * buried what was left of the life before.
 */
export async function buryEnded<DB>(
  trx: Transaction<DB>,
  keys: Pick<SubjectKeys, 'lives'>,
  of: Buried,
): Promise<void> {
  const { rows } = await sql<{ life: string }>`
    SELECT life FROM subject_life WHERE subject = ${of.subject}`.execute(trx);
  const [begun] = rows;
  if (begun !== undefined && (await keys.lives(begun.life))) return;
  await burySubject(trx, of);
}

/** The same in a transaction of its own. */
export async function buryAlone<DB>(db: Kysely<DB>, of: Buried): Promise<void> {
  await transaction(db, async (trx) => {
    await lockSubjectsExclusive(trx, [of.ref]);
    await burySubject(trx, of);
  });
}
