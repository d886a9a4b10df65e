import type { Kysely, Selectable, Transaction } from 'kysely';
import type { AccessRow, ConsumerTables } from '../tables.ts';

const columns = [
  'subject_ref',
  'seq',
  'id',
  'at_ms',
  'lender',
  'purpose',
  'categories',
  'bureaus',
  'outcome',
  'code',
  'inquiry',
  'use',
  'decided_by',
  'leaf',
] as const;

/** Adds a decision's one line; a repeat of the decision adds none. */
export async function insertAccess(
  trx: Transaction<ConsumerTables>,
  line: Omit<AccessRow, 'seq'>,
): Promise<void> {
  await trx
    .insertInto('access')
    .values(line)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/**
 * The place of a line in the history of the subject with these references; undefined for an absent line and
 * for another subject's.
 */
export async function placeOf(
  db: Kysely<ConsumerTables>,
  refs: readonly string[],
  id: string,
): Promise<number | undefined> {
  const row = await db
    .selectFrom('access')
    .select('seq')
    .where('subject_ref', 'in', refs)
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.seq;
}

/** The subject's lines, newest first, older than `before`. */
export async function accessesOf(
  db: Kysely<ConsumerTables>,
  refs: readonly string[],
  before: number | undefined,
  limit: number,
): Promise<Selectable<AccessRow>[]> {
  const all = db.selectFrom('access').select(columns).where('subject_ref', 'in', refs);
  const older = before === undefined ? all : all.where('seq', '<', before);
  return await older.orderBy('seq', 'desc').limit(limit).execute();
}
