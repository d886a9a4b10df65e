import type { Digest, Grant, Verified } from '@causeway/protocol';
import type { Kysely, Selectable, Transaction } from 'kysely';

import type { AnswerRow, BureauTables } from '../tables.ts';

export type Answer = Selectable<AnswerRow>;

/** The key under which there is one answer for ever. */
export interface AnswerKey {
  readonly subjectRef: string;
  readonly inquiry: Digest;
  readonly use: number;
}

export interface NewReservation extends AnswerKey {
  readonly lender: string;
  readonly presenter: string;
  readonly grant: Digest;
  readonly nowMs: number;
  readonly purgeAtMs: number;
}

type Trx = Transaction<BureauTables>;

const columns = [
  ...(['subject_ref', 'inquiry', 'use', 'state', 'lender', 'presenter', 'grant_digest', 'outcome'] as const),
  ...(['digest', 'statement', 'reserved_ms', 'answered_ms', 'purge_at_ms'] as const),
];

/**
 * Reserves the key, or finds who has it. Two at once: the second waits here for the first transaction to end.
 * A renewed grant under the same key takes the place of the earlier one and is no conflict.
 */
export async function reserve(trx: Trx, asked: NewReservation): Promise<Answer> {
  return await trx
    .insertInto('answer')
    .values({
      ...{ subject_ref: asked.subjectRef, inquiry: asked.inquiry, use: asked.use, state: 'reserved' },
      ...{ lender: asked.lender, presenter: asked.presenter, grant_digest: asked.grant },
      ...{ outcome: null, digest: null, statement: null, answered_ms: null },
      ...{ reserved_ms: asked.nowMs, purge_at_ms: asked.purgeAtMs },
    })
    .onConflict((conflict) =>
      conflict.columns(['subject_ref', 'inquiry', 'use']).doUpdateSet({ grant_digest: asked.grant }),
    )
    .returning(columns)
    .executeTakeFirstOrThrow();
}

interface Settled {
  readonly state: 'disclosed' | 'refused';
  readonly digest: Digest;
  readonly outcome: string;
  readonly statement: Buffer;
  readonly nowMs: number;
}

/**
 * Turns the reservation into the answer. The caller holds the row since `reserve` in the same transaction.
 */
export async function settle(trx: Trx, key: AnswerKey, settled: Settled): Promise<void> {
  const { state, digest, outcome, statement, nowMs } = settled;
  const result = await trx
    .updateTable('answer')
    .set({ state, digest, outcome, statement, answered_ms: nowMs })
    .where('subject_ref', '=', key.subjectRef)
    .where('inquiry', '=', key.inquiry)
    .where('use', '=', key.use)
    .where('state', '=', 'reserved')
    .executeTakeFirst();
  if (result.numUpdatedRows !== 1n) throw new RangeError('an answer was settled twice');
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
