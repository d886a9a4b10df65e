import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import { isOfShown } from '../accesses/repository.ts';
import type { AdverseActionRow, ConsumerTables, ReportCheck } from '../tables.ts';

/** True for an inquiry of this lender about this subject that was granted. */
export async function wasGranted(
  db: Kysely<ConsumerTables>,
  of: { lender: string; subjectRef: string; inquiry: string },
): Promise<boolean> {
  const row = await db
    .selectFrom('access')
    .select('seq')
    .where('subject_ref', '=', of.subjectRef)
    .where('inquiry', '=', of.inquiry)
    .where('lender', '=', of.lender)
    .where('outcome', '=', 'granted')
    .executeTakeFirst();
  return row !== undefined;
}

/** False where the lender has told of a decision on this report before. */
export async function insertAction(
  trx: Transaction<ConsumerTables>,
  row: Insertable<AdverseActionRow>,
): Promise<boolean> {
  const inserted = await trx
    .insertInto('adverse_action')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .execute();
  return inserted.length === 1;
}

/**
 * What a subject was told, newest first, older than `before`; of inquiries that are not shown yet nothing.
 */
export async function actionsOf(
  db: Kysely<ConsumerTables>,
  refs: readonly string[],
  { before, limit, nowMs }: { before: string | undefined; limit: number; nowMs: number },
): Promise<Selectable<AdverseActionRow>[]> {
  const all = db
    .selectFrom('adverse_action')
    .selectAll()
    .where('subject_ref', 'in', refs)
    .where(isOfShown('adverse_action', nowMs));
  const older = before === undefined ? all : all.where('id', '<', before);
  return await older.orderBy('id', 'desc').limit(limit).execute();
}

/** Who has held a grant for an inquiry on this subject. */
export async function holdersOf(
  db: Kysely<ConsumerTables>,
  { inquiry, subject_ref }: Pick<AdverseActionRow, 'subject_ref' | 'inquiry'>,
): Promise<string[]> {
  const rows = await db
    .selectFrom('grant_holder')
    .select('node')
    .where('subject_ref', '=', subject_ref)
    .where('inquiry', '=', inquiry)
    .execute();
  return rows.map(({ node }) => node);
}

/** A decision whose report is to be asked about. */
export type DueCheck = Pick<AdverseActionRow, 'subject_ref' | 'id' | 'inquiry' | 'report' | 'lender'>;

const backoffMs = { first: 5000, doublings: 10, most: 3_600_000 };

/**
 * Takes those that are due, for this process alone; each is due again later, unless it has its answer then.
 */
export async function takeChecks(
  db: Kysely<ConsumerTables>,
  nowMs: number,
  most: number,
): Promise<DueCheck[]> {
  const { first, doublings, most: longest } = backoffMs;
  const { rows } = await sql<DueCheck>`
    UPDATE adverse_action AS taken
    SET attempts = taken.attempts + 1,
      next_ms = ${nowMs} + least(${longest}, ${first} * 2 ^ least(taken.attempts, ${doublings}))::bigint
    FROM (
      SELECT subject_ref, id FROM adverse_action
      WHERE next_ms <= ${nowMs} ORDER BY next_ms LIMIT ${most} FOR UPDATE SKIP LOCKED
    ) AS due
    WHERE taken.subject_ref = due.subject_ref AND taken.id = due.id
    RETURNING taken.subject_ref, taken.id, taken.inquiry, taken.report, taken.lender`.execute(db);
  return rows;
}

export async function recordChecked(
  db: Kysely<ConsumerTables>,
  { id, subject_ref }: Pick<DueCheck, 'subject_ref' | 'id'>,
  checked: ReportCheck,
): Promise<void> {
  await db
    .updateTable('adverse_action')
    .set({ checked, next_ms: null })
    .where('subject_ref', '=', subject_ref)
    .where('id', '=', id)
    .execute();
}
