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
