import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
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
  'shown_from_ms',
  'shown_as',
] as const;

/** Of `access`: its day has come at this moment (ms), or it never had to wait for one. */
export const isShown = (nowMs: number) =>
  sql<boolean>`(access.shown_from_ms IS NULL OR access.shown_from_ms <= ${nowMs}::bigint)`;

/** Of what speaks of an inquiry on a subject: the subject is shown that inquiry, as far as it has a line. */
export const isOfShown = (table: 'refusal' | 'adverse_action', nowMs: number) =>
  sql<boolean>`NOT EXISTS (SELECT FROM access
    WHERE access.subject_ref = ${sql.ref(`${table}.subject_ref`)}
      AND access.inquiry = ${sql.ref(`${table}.inquiry`)} AND access.shown_from_ms > ${nowMs}::bigint)`;

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
 * The place of a line in the history of the subject with these references; undefined for an absent line, for
 * another subject's, and for one that is not shown yet.
 */
export async function placeOf(
  db: Kysely<ConsumerTables>,
  refs: readonly string[],
  { id, nowMs }: { readonly id: string; readonly nowMs: number },
): Promise<number | undefined> {
  const row = await db
    .selectFrom('access')
    .select('seq')
    .where('subject_ref', 'in', refs)
    .where('id', '=', id)
    .where(isShown(nowMs))
    .executeTakeFirst();
  return row?.seq;
}

/** The subject's lines that are shown at this moment, newest first, older than `before`. */
export async function accessesOf(
  db: Kysely<ConsumerTables>,
  refs: readonly string[],
  { before, limit, nowMs }: { before: number | undefined; limit: number; nowMs: number },
): Promise<Selectable<AccessRow>[]> {
  const all = db.selectFrom('access').select(columns).where('subject_ref', 'in', refs).where(isShown(nowMs));
  const older = before === undefined ? all : all.where('seq', '<', before);
  return await older.orderBy('seq', 'desc').limit(limit).execute();
}
