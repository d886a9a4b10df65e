import type { Kysely, Transaction } from 'kysely';
import type { ConsumerTables } from '../tables.ts';

/** The sealed reference that was computed for an identity before, by the identity's keyed hash. */
export async function cachedReference(
  db: Kysely<ConsumerTables>,
  identity: string,
): Promise<Buffer | undefined> {
  const row = await db
    .selectFrom('subject_ref_cache')
    .select('box')
    .where('identity', '=', identity)
    .executeTakeFirst();
  return row?.box;
}

export async function cacheReference(
  db: Kysely<ConsumerTables>,
  identity: string,
  box: Buffer,
  subject: string,
): Promise<void> {
  // A crash before this line costs one more blind evaluation.
  await db
    .insertInto('subject_ref_cache')
    .values({ identity, box, subject })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/**
 * True for the one transaction that may act on this id_token; the unique index decides among parallel ones.
 */
export async function spendIdToken(
  trx: Transaction<ConsumerTables>,
  token: { digest: string; expiresMs: number },
): Promise<boolean> {
  const inserted = await trx
    .insertInto('used_id_token')
    .values({ digest: token.digest, expires_ms: token.expiresMs })
    .onConflict((conflict) => conflict.doNothing())
    .returning('digest')
    .execute();
  return inserted.length === 1;
}

/** Forgets id_tokens that are past their own expiry: they are refused by their time. */
export async function forgetIdTokens(db: Kysely<ConsumerTables>, nowMs: number): Promise<void> {
  await db.deleteFrom('used_id_token').where('expires_ms', '<', nowMs).execute();
}
