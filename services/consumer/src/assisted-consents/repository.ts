import type { Kysely, Transaction } from 'kysely';
import type { AssistedRow } from '../acting-rows.ts';
import type { ConsumerTables } from '../tables.ts';

const columns = [
  ...(['subject_ref', 'id', 'digest', 'request', 'lender', 'statement', 'code', 'tries'] as const),
  ...(['expires_ms', 'consent'] as const),
];

/** False where the statement of this id came before. */
export async function insertAssisted(trx: Transaction<ConsumerTables>, row: AssistedRow): Promise<boolean> {
  const rows = await trx
    .insertInto('assisted_consent')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .execute();
  return rows.length === 1;
}

export async function findAssisted(
  db: Kysely<ConsumerTables>,
  subjectRef: string,
  id: string,
): Promise<AssistedRow | undefined> {
  const all = db.selectFrom('assisted_consent').select(columns);
  return await all.where('subject_ref', '=', subjectRef).where('id', '=', id).executeTakeFirst();
}

/** How often assistance was begun for a request. */
export async function begunFor(trx: Transaction<ConsumerTables>, request: string): Promise<number> {
  const row = await trx
    .selectFrom('assisted_consent')
    .select(({ fn }) => fn.countAll().as('begun'))
    .where('request', '=', request)
    .executeTakeFirst();
  return Number(row?.begun ?? 0);
}

/** A lender's own, under its row lock. */
export async function lockAssisted(
  trx: Transaction<ConsumerTables>,
  lender: string,
  id: string,
): Promise<AssistedRow | undefined> {
  const all = trx.selectFrom('assisted_consent').select(columns);
  const own = all.where('lender', '=', lender).where('id', '=', id);
  return await own.forUpdate().executeTakeFirst();
}

export async function updateAssisted(
  trx: Transaction<ConsumerTables>,
  { id, subject_ref }: Pick<AssistedRow, 'subject_ref' | 'id'>,
  change: Partial<Pick<AssistedRow, 'tries' | 'consent'>>,
): Promise<void> {
  await trx
    .updateTable('assisted_consent')
    .set(change)
    .where('subject_ref', '=', subject_ref)
    .where('id', '=', id)
    .execute();
}
