import type { Kysely } from 'kysely';
import { isOfShown } from '../accesses/repository.ts';
import type { ConsumerTables } from '../tables.ts';

type Db = Kysely<ConsumerTables>;
const pageMax = 100;

export interface Page<T> {
  readonly items: T[];
  /** Where the next page begins; undefined behind the last. */
  readonly next: string | undefined;
}

function pageOf<T>(rows: T[], placeOf: (row: T) => string): Page<T> {
  const last = rows.length === pageMax ? rows.at(-1) : undefined;
  return { items: rows, next: last && placeOf(last) };
}

/**
 * Signed refusals of inquiries under one reference, by their digest; of those that are not shown yet none.
 */
export async function refusalsPage(db: Db, ref: string, nowMs: number, after = '') {
  const rows = await db
    .selectFrom('refusal')
    .select(['subject_ref', 'inquiry', 'use', 'iss', 'code', 'digest', 'statement'])
    .where('subject_ref', '=', ref)
    .where('digest', '>', after)
    .where(isOfShown('refusal', nowMs))
    .orderBy('digest')
    .limit(pageMax)
    .execute();
  return pageOf(rows, ({ digest }) => digest);
}

const firstId = '00000000-0000-0000-0000-000000000000';

/** What lenders have asked the subject to agree to, whatever came of it, oldest first. */
export async function requestsPage(db: Db, ref: string, after = firstId) {
  const rows = await db
    .selectFrom('consent_request')
    .select(['subject_ref', 'id', 'lender', 'purposes', 'categories', 'bureaus', 'valid_days', 'fetch'])
    .select([
      'kind',
      'contract',
      'max_uses',
      'recipient_retention',
      'language',
      'form',
      'form_digest',
      'status',
      'consent',
    ])
    .select(['created_ms', 'expires_ms'])
    .where('subject_ref', '=', ref)
    .where('id', '>', after)
    .orderBy('id')
    .limit(pageMax)
    .execute();
  return pageOf(rows, ({ id }) => id);
}

/** Signed stops, by their number. */
export async function stopsPage(db: Db, ref: string, after = '0') {
  const rows = await db
    .selectFrom('stop')
    .select(['subject_ref', 'sequence', 'digest', 'action', 'consent', 'freeze_id', 'window_id'])
    .select(['statement', 'at_ms'])
    .where('subject_ref', '=', ref)
    .where('sequence', '>', Number(after))
    .orderBy('sequence')
    .limit(pageMax)
    .execute();
  return pageOf(rows, ({ sequence }) => String(sequence));
}
