import type { Kysely, Transaction } from 'kysely';
import type { AdverseActionRow, ConsumerTables } from '../tables.ts';

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
  row: AdverseActionRow,
): Promise<boolean> {
  const inserted = await trx
    .insertInto('adverse_action')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .execute();
  return inserted.length === 1;
}

/** What a subject was told, newest first, older than `before`; of inquiries that are not shown yet nothing. */
export async function actionsOf(
  db: Kysely<ConsumerTables>,
  refs: readonly string[],
  { before, limit, nowMs }: { before: string | undefined; limit: number; nowMs: number },
): Promise<AdverseActionRow[]> {
  const all = db
    .selectFrom('adverse_action')
    .selectAll()
    .where('subject_ref', 'in', refs)
    .where(({ exists, not, selectFrom }) =>
      not(
        exists(
          selectFrom('access')
            .select('seq')
            .whereRef('access.subject_ref', '=', 'adverse_action.subject_ref')
            .whereRef('access.inquiry', '=', 'adverse_action.inquiry')
            .where('shown_from_ms', '>', nowMs),
        ),
      ),
    );
  const older = before === undefined ? all : all.where('id', '<', before);
  return await older.orderBy('id', 'desc').limit(limit).execute();
}
