import type { Kysely, Transaction } from 'kysely';
import type { ConsentRow, ConsumerTables, StopRow } from '../tables.ts';

const columns = [
  'subject_ref',
  'digest',
  'id',
  'request',
  'lender',
  'kind',
  'purposes',
  'categories',
  'bureaus',
  'valid_from_ms',
  'valid_until_ms',
  'max_uses',
  'strength',
  'state',
  'state_since_ms',
  'uses',
  'statement',
  'evidence',
] as const;
/** Consents on one page. */
export const consentPageMax = 50;

export async function insertConsent(trx: Transaction<ConsumerTables>, row: ConsentRow): Promise<void> {
  await trx.insertInto('consent').values(row).execute();
}

export async function findConsent(
  db: Kysely<ConsumerTables>,
  subjectRef: string,
  digest: string,
): Promise<ConsentRow | undefined> {
  return await db
    .selectFrom('consent')
    .select(columns)
    .where('subject_ref', '=', subjectRef)
    .where('digest', '=', digest as ConsentRow['digest'])
    .executeTakeFirst();
}

/** A consent of this subject under the row lock that redemption and every stop take. */
export async function lockConsent(
  trx: Transaction<ConsumerTables>,
  subjectRef: string,
  by: { digest: string } | { id: string },
): Promise<ConsentRow | undefined> {
  const ofSubject = trx.selectFrom('consent').select(columns).where('subject_ref', '=', subjectRef);
  const one =
    'digest' in by
      ? ofSubject.where('digest', '=', by.digest as ConsentRow['digest'])
      : ofSubject.where('id', '=', by.id);
  return await one.forUpdate().executeTakeFirst();
}

/**
 * The subject's consents, newest first, from behind `after` on; one more than a page, to tell whether more
 * follow.
 */
export async function consentsOf(
  db: Kysely<ConsumerTables>,
  subjectRef: string,
  after: string | undefined,
): Promise<ConsentRow[]> {
  const all = db.selectFrom('consent').select(columns).where('subject_ref', '=', subjectRef);
  const rest = after === undefined ? all : all.where('id', '<', after);
  return await rest
    .orderBy('id', 'desc')
    .limit(consentPageMax + 1)
    .execute();
}

/** True where this subject has a consent with this id. */
export async function ownsConsent(
  db: Kysely<ConsumerTables>,
  subjectRef: string,
  id: string,
): Promise<boolean> {
  const found = await db
    .selectFrom('consent')
    .select('id')
    .where('subject_ref', '=', subjectRef)
    .where('id', '=', id)
    .executeTakeFirst();
  return found !== undefined;
}

export async function markRevoked(
  trx: Transaction<ConsumerTables>,
  row: Pick<ConsentRow, 'subject_ref' | 'digest'>,
  nowMs: number,
): Promise<void> {
  await trx
    .updateTable('consent')
    .set({ state: 'revoked', state_since_ms: nowMs })
    .where('subject_ref', '=', row.subject_ref)
    .where('digest', '=', row.digest)
    .execute();
}

/** The next number of the subject's stops; the subject's status lock must be held exclusively. */
export async function nextSequence(trx: Transaction<ConsumerTables>, subjectRef: string): Promise<number> {
  const row = await trx
    .selectFrom('stop')
    .select(({ fn }) => fn.max('sequence').as('last'))
    .where('subject_ref', '=', subjectRef)
    .executeTakeFirst();
  return (row?.last ?? 0) + 1;
}

export async function insertStop(trx: Transaction<ConsumerTables>, row: StopRow): Promise<void> {
  await trx.insertInto('stop').values(row).execute();
}

/** The stop that revoked this consent. */
export async function revocationOf(
  trx: Transaction<ConsumerTables>,
  subjectRef: string,
  consent: string,
): Promise<Pick<StopRow, 'statement' | 'digest' | 'at_ms'> | undefined> {
  return await trx
    .selectFrom('stop')
    .select(['statement', 'digest', 'at_ms'])
    .where('subject_ref', '=', subjectRef)
    .where('consent', '=', consent)
    .where('action', '=', 'revoke')
    .executeTakeFirst();
}

/** When the last grant under this consent lapses, or undefined where there was none. */
export async function lastGrantExpiry(
  trx: Transaction<ConsumerTables>,
  subjectRef: string,
  consent: string,
): Promise<number | undefined> {
  const row = await trx
    .selectFrom('grant_holder')
    .select(({ fn }) => fn.max('expires_ms').as('last'))
    .where('subject_ref', '=', subjectRef)
    .where('consent', '=', consent)
    .executeTakeFirst();
  return row?.last ?? undefined;
}
