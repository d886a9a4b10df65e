import type { Transaction } from 'kysely';
import type { ConsumerTables, RefusalRow } from '../tables.ts';

/** Records a refusal under its once key (iss, inquiry, use); false where that key came before. */
export async function insertRefusal(trx: Transaction<ConsumerTables>, row: RefusalRow): Promise<boolean> {
  const inserted = await trx
    .insertInto('refusal')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning('digest')
    .execute();
  return inserted.length === 1;
}

/** The refusal recorded under this once key. */
export async function findRefusal(
  trx: Transaction<ConsumerTables>,
  key: Pick<RefusalRow, 'subject_ref' | 'inquiry' | 'use' | 'iss'>,
): Promise<Pick<RefusalRow, 'code' | 'statement' | 'digest'> | undefined> {
  return await trx
    .selectFrom('refusal')
    .select(['code', 'statement', 'digest'])
    .where('subject_ref', '=', key.subject_ref)
    .where('inquiry', '=', key.inquiry)
    .where('use', '=', key.use)
    .where('iss', '=', key.iss)
    .executeTakeFirst();
}
