import type { Transaction } from 'kysely';
import type { ConsumerTables } from '../tables.ts';

/**
 * True while a freeze of this subject stands that does not exempt this purpose; the status lock must be held.
 */
export async function isFrozen(
  trx: Transaction<ConsumerTables>,
  subjectRef: string,
  purpose: string,
): Promise<boolean> {
  const rows = await trx
    .selectFrom('subject_freeze')
    .select('exempt_purposes')
    .where('subject_ref', '=', subjectRef)
    .where('lifted_ms', 'is', null)
    .execute();
  return rows.some(({ exempt_purposes: exempt }) => !exempt.includes(purpose));
}
