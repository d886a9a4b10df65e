import type { Kysely, Transaction } from 'kysely';
import type { ConsentRequestRow, ConsumerTables } from '../tables.ts';

const columns = [
  'subject_ref',
  'id',
  'lender',
  'kind',
  'purposes',
  'categories',
  'bureaus',
  'optional',
  'asked',
  'valid_days',
  'fetch',
  'max_uses',
  'frequency',
  'recipient_retention',
  'language',
  'product',
  'contract',
  'form',
  'form_digest',
  'status',
  'consent',
  'created_ms',
  'expires_ms',
] as const;
/** Requests that one page shows; a subject with more open ones answers or rejects some first. */
const pageMax = 100;

export async function insertRequest(trx: Transaction<ConsumerTables>, row: ConsentRequestRow): Promise<void> {
  await trx.insertInto('consent_request').values(row).execute();
}

/** A lender's own request. */
export async function requestOfLender(
  db: Kysely<ConsumerTables>,
  lender: string,
  id: string,
): Promise<ConsentRequestRow | undefined> {
  return await db
    .selectFrom('consent_request')
    .select(columns)
    .where('lender', '=', lender)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** The subject's requests that wait for an answer, newest first. */
export async function pendingRequests(
  db: Kysely<ConsumerTables>,
  refs: readonly string[],
  nowMs: number,
): Promise<ConsentRequestRow[]> {
  return await db
    .selectFrom('consent_request')
    .select(columns)
    .where('subject_ref', 'in', refs)
    .where('status', '=', 'pending')
    .where('expires_ms', '>', nowMs)
    .orderBy('id', 'desc')
    .limit(pageMax)
    .execute();
}

/** A request of this subject. */
export async function findRequest(
  db: Kysely<ConsumerTables>,
  refs: readonly string[],
  id: string,
): Promise<ConsentRequestRow | undefined> {
  return await db
    .selectFrom('consent_request')
    .select(columns)
    .where('subject_ref', 'in', refs)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** A request of this subject under its row lock: approval and rejection come one after the other. */
export async function lockRequest(
  trx: Transaction<ConsumerTables>,
  refs: readonly string[],
  id: string,
): Promise<ConsentRequestRow | undefined> {
  return await trx
    .selectFrom('consent_request')
    .select(columns)
    .where('subject_ref', 'in', refs)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

/** Another form of the request, with what the subject leaves in; its row lock must be held. */
export async function narrowRequest(
  trx: Transaction<ConsumerTables>,
  { subject_ref, id, ...narrowed }: NarrowedRequest,
): Promise<void> {
  await trx
    .updateTable('consent_request')
    .set(narrowed)
    .where('subject_ref', '=', subject_ref)
    .where('id', '=', id)
    .execute();
}

type NarrowedRequest = Pick<
  ConsentRequestRow,
  'subject_ref' | 'id' | 'categories' | 'bureaus' | 'asked' | 'form' | 'form_digest'
>;

export async function closeRequest(
  trx: Transaction<ConsumerTables>,
  row: Pick<ConsentRequestRow, 'subject_ref' | 'id'>,
  outcome: Pick<ConsentRequestRow, 'status' | 'consent'>,
): Promise<void> {
  await trx
    .updateTable('consent_request')
    .set({ status: outcome.status, consent: outcome.consent })
    .where('subject_ref', '=', row.subject_ref)
    .where('id', '=', row.id)
    .execute();
}
