import type { Kysely, Transaction } from 'kysely';
import type { ConsumerTables, OwnReportRow } from '../tables.ts';

type Db = Kysely<ConsumerTables>;
type Trx = Transaction<ConsumerTables>;

/** A row without the report itself, which is large. */
export type OwnReport = Omit<OwnReportRow, 'report'>;
type Key = Pick<OwnReportRow, 'subject_ref' | 'id'>;

const columns = [
  ...(['subject_ref', 'id', 'inquiry', 'enrolment', 'bureaus', 'state', 'code', 'began_ms'] as const),
  ...(['expires_ms', 'asserted_ms', 'statement', 'proof', 'version', 'partial'] as const),
  'kept_until_ms' as const,
];
/** Reports on one page; a person who asks more often sees the newest. */
const listMax = 50;

/** Stores a composed report in the place of those that wait for a passkey still: one at a time does. */
export async function insertComposed(trx: Trx, refs: readonly string[], row: OwnReportRow): Promise<void> {
  await trx
    .deleteFrom('own_report')
    .where('subject_ref', 'in', refs)
    .where('state', '=', 'composed')
    .execute();
  await trx.insertInto('own_report').values(row).execute();
}

/** A report of the subject with these references; undefined for an absent one and for another subject's. */
export async function findOwnReport(
  db: Db,
  refs: readonly string[],
  id: string,
): Promise<OwnReport | undefined> {
  return await db
    .selectFrom('own_report')
    .select(columns)
    .where('subject_ref', 'in', refs)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** The same under its row lock: a report is asserted once. */
export async function lockOwnReport(
  trx: Trx,
  refs: readonly string[],
  id: string,
): Promise<OwnReport | undefined> {
  return await trx
    .selectFrom('own_report')
    .select(columns)
    .where('subject_ref', 'in', refs)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

/** The sealed report, where it is still kept. */
export async function keptReport(db: Db, { id, subject_ref }: Key): Promise<Buffer | undefined> {
  const row = await db
    .selectFrom('own_report')
    .select('report')
    .where('subject_ref', '=', subject_ref)
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.report ?? undefined;
}

/** The subject's reports, newest first. */
export async function ownReportsOf(db: Db, refs: readonly string[]): Promise<OwnReport[]> {
  return await db
    .selectFrom('own_report')
    .select(columns)
    .where('subject_ref', 'in', refs)
    .where('state', '<>', 'composed')
    .orderBy('id', 'desc')
    .limit(listMax)
    .execute();
}

/** How many reports the subject asked for in a span of time; what was refused or failed does not count. */
export async function countBetween(
  db: Db,
  refs: readonly string[],
  fromMs: number,
  untilMs: number,
): Promise<number> {
  const row = await db
    .selectFrom('own_report')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('subject_ref', 'in', refs)
    .where('state', 'in', ['asserted', 'sent', 'ready'])
    .where('asserted_ms', '>=', fromMs)
    .where('asserted_ms', '<=', untilMs)
    .executeTakeFirst();
  return Number(row?.n ?? 0);
}

export async function setAsserted(
  trx: Trx,
  { id, subject_ref }: Key,
  asserted: { asserted_ms: number; proof: Buffer; statement: Buffer },
): Promise<void> {
  await trx
    .updateTable('own_report')
    .set({ state: 'asserted', ...asserted })
    .where('subject_ref', '=', subject_ref)
    .where('id', '=', id)
    .execute();
}

/** Moves a report on from one of these states; where another process has moved it, nothing is changed. */
export async function advance(
  db: Db,
  { id, subject_ref }: Key,
  from: readonly OwnReportRow['state'][],
  to: Partial<Pick<OwnReportRow, 'code' | 'kept_until_ms' | 'partial' | 'report' | 'state' | 'version'>>,
): Promise<void> {
  await db
    .updateTable('own_report')
    .set(to)
    .where('subject_ref', '=', subject_ref)
    .where('id', '=', id)
    .where('state', 'in', from)
    .execute();
}

/** Forgets what nobody signed in time, and the content of reports that no page shows any more. */
export async function forgetOwnReports(db: Db, nowMs: number): Promise<void> {
  await db
    .deleteFrom('own_report')
    .where('state', '=', 'composed')
    .where('expires_ms', '<=', nowMs)
    .execute();
  await db
    .updateTable('own_report')
    .set({ report: null, kept_until_ms: null })
    .where('report', 'is not', null)
    .where('kept_until_ms', '<=', nowMs)
    .execute();
}
