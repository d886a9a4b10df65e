import type { Kysely, Transaction } from 'kysely';
import type { ConsumerTables } from '../tables.ts';

/** A reference of a subject: what kind of document it was computed from, and since when it is linked. */
export interface LinkedIdentity {
  readonly subject_ref: string;
  readonly scheme: string;
  readonly linked_ms: number;
}

/** The linked references of a subject; empty for one that has a single reference. */
export async function identitiesOf(
  db: Kysely<ConsumerTables>,
  refs: readonly string[],
): Promise<LinkedIdentity[]> {
  return await db
    .selectFrom('subject_link')
    .select(['subject_ref', 'scheme', 'linked_ms'])
    .where('subject_ref', 'in', refs)
    .orderBy('linked_ms')
    .orderBy('subject_ref')
    .execute();
}

/** Makes all of them references of one subject, which the first one names. */
export async function linkAll(
  trx: Transaction<ConsumerTables>,
  firstRef: string,
  identities: readonly LinkedIdentity[],
): Promise<void> {
  await trx
    .insertInto('subject_link')
    .values(identities.map((identity) => ({ ...identity, first_ref: firstRef })))
    .onConflict((conflict) => conflict.column('subject_ref').doUpdateSet({ first_ref: firstRef }))
    .execute();
}

interface LinkRequest {
  readonly subject_ref: string;
  readonly id: string;
  readonly scheme: string;
  readonly expires_ms: number;
}

/** Stores a request; one with the same id takes the place of the earlier. */
export async function insertLinkRequest(
  trx: Transaction<ConsumerTables>,
  request: LinkRequest,
): Promise<void> {
  await takeLinkRequest(trx, [request.subject_ref], request.id);
  await trx.insertInto('link_request').values(request).execute();
}

/**
 * Takes a request of the subject with these references out: it serves once. Undefined where there is none.
 */
export async function takeLinkRequest(
  trx: Transaction<ConsumerTables>,
  refs: readonly string[],
  id: string,
): Promise<LinkRequest | undefined> {
  return await trx
    .deleteFrom('link_request')
    .where('subject_ref', 'in', refs)
    .where('id', '=', id)
    .returning(['subject_ref', 'id', 'scheme', 'expires_ms'])
    .executeTakeFirst();
}

export async function forgetLinkRequests(db: Kysely<ConsumerTables>, nowMs: number): Promise<void> {
  await db.deleteFrom('link_request').where('expires_ms', '<=', nowMs).execute();
}
