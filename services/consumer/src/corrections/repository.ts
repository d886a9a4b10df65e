import type { Digest } from '@causeway/protocol';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { ConsumerTables, CorrectionRow } from '../tables.ts';

interface GrantedInquiry {
  readonly inquiry: Digest;
  readonly lender: string;
  /** Where the subject is shown the inquiry late. */
  readonly shown_from_ms: number | null;
}

/**
 * Of these inquiries the ones that were granted about this subject, with this bureau and one of these
 * categories, each once.
 */
export async function grantedInquiries(
  trx: Transaction<ConsumerTables>,
  refs: readonly string[],
  of: { recipients: readonly string[]; bureau: string; categories: readonly string[] },
): Promise<GrantedInquiry[]> {
  const { rows } = await sql<GrantedInquiry>`
    SELECT DISTINCT inquiry, lender, shown_from_ms FROM access
    WHERE subject_ref = ANY(${[...refs]}::text[]) AND inquiry = ANY(${[...of.recipients]}::text[])
      AND outcome = 'granted' AND bureaus @> ARRAY[${of.bureau}]::text[]
      AND categories && ${[...of.categories]}::text[]
    ORDER BY inquiry`.execute(trx);
  return rows;
}

export async function insertCorrection(trx: Transaction<ConsumerTables>, row: CorrectionRow): Promise<void> {
  await trx.insertInto('correction').values(row).execute();
}

/** A lender's corrections, the oldest first, behind `after`. */
export async function correctionsOf(
  db: Kysely<ConsumerTables>,
  lender: string,
  after: string | undefined,
  limit: number,
): Promise<CorrectionRow[]> {
  const all = db.selectFrom('correction').selectAll().where('lender', '=', lender);
  const newer = after === undefined ? all : all.where('id', '>', after);
  return await newer.orderBy('id').limit(limit).execute();
}
