import type { Digest, Grant, Verified } from '@causeway/protocol';
import type { Kysely } from 'kysely';

import type { BureauTables } from '../tables.ts';

/** The key under which there is one answer for ever. */
export interface AnswerKey {
  readonly subjectRef: string;
  readonly inquiry: Digest;
  readonly use: number;
}

/** True for a grant that has been presented here under its key before. */
export async function wasPresented(db: Kysely<BureauTables>, grant: Verified<Grant>): Promise<boolean> {
  const { subject_ref, inquiry, use } = grant.claims;
  const row = await db
    .selectFrom('answer')
    .select('grant_digest')
    .where('subject_ref', '=', subject_ref)
    .where('inquiry', '=', inquiry)
    .where('use', '=', use)
    .executeTakeFirst();
  return row?.grant_digest === grant.digest;
}

/** Empties the stored bytes that are past their time; digest and outcome stay. Returns how many. */
export async function purgeAnswers(db: Kysely<BureauTables>, nowMs: number): Promise<number> {
  const result = await db
    .updateTable('answer')
    .set({ statement: null })
    .where('statement', 'is not', null)
    .where('purge_at_ms', '<=', nowMs)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}
