import type { Kysely, Transaction } from 'kysely';
import type { ConsentRow, ConsumerTables } from '../tables.ts';

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
  'mandate',
  'given_ms',
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

/** A consent of the subject with these references, under the row lock that redemption and every stop take. */
export async function lockConsent(
  trx: Transaction<ConsumerTables>,
  refs: readonly string[],
  id: string,
): Promise<ConsentRow | undefined> {
  const ofSubject = trx.selectFrom('consent').select(columns).where('subject_ref', 'in', refs);
  return await ofSubject.where('id', '=', id).forUpdate().executeTakeFirst();
}

/**
 * The subject's consents, newest first, from behind `after` on; one more than a page, to tell whether more
 * follow.
 */
export async function consentsOf(
  db: Kysely<ConsumerTables>,
  refs: readonly string[],
  after: string | undefined,
): Promise<ConsentRow[]> {
  const all = db.selectFrom('consent').select(columns).where('subject_ref', 'in', refs);
  const rest = after === undefined ? all : all.where('id', '<', after);
  return await rest
    .orderBy('id', 'desc')
    .limit(consentPageMax + 1)
    .execute();
}

/** True where the subject with these references has a consent with this id. */
export async function ownsConsent(
  db: Kysely<ConsumerTables>,
  refs: readonly string[],
  id: string,
): Promise<boolean> {
  const found = await db
    .selectFrom('consent')
    .select('id')
    .where('subject_ref', 'in', refs)
    .where('id', '=', id)
    .executeTakeFirst();
  return found !== undefined;
}

/** Moves a consent to another state; its row lock must be held. */
export async function setState(
  trx: Transaction<ConsumerTables>,
  row: Pick<ConsentRow, 'subject_ref' | 'digest'>,
  state: ConsentRow['state'],
  nowMs: number,
): Promise<void> {
  await trx
    .updateTable('consent')
    .set({ state, state_since_ms: nowMs })
    .where('subject_ref', '=', row.subject_ref)
    .where('digest', '=', row.digest)
    .execute();
}
