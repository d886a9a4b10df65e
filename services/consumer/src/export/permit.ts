import type { Kysely } from 'kysely';
import { CausewayError } from '@causeway/protocol';
import { transaction } from '@causeway/service';
import type { Consumer } from '../consumer.ts';
import { actOnce } from '../subjects/act-once.ts';
import type { SignedInActor } from '../subjects/actor.ts';
import type { ConsumerTables } from '../tables.ts';

/** After the sign-in for it, which ends in a redirect, the page has this long to begin the download. */
const lifeMs = 5 * 60_000;

/** Lets the sessions of a subject who has just signed in for it take one export. */
export async function permitExport(consumer: Consumer, actor: SignedInActor): Promise<void> {
  const expires_ms = consumer.clock.now() + lifeMs;
  await transaction(consumer.db, async (trx) => {
    await actOnce(trx, actor.signedIn);
    await trx
      .insertInto('export_permit')
      .values({ subject_ref: actor.subjectRef, expires_ms })
      .onConflict((conflict) => conflict.column('subject_ref').doUpdateSet({ expires_ms }))
      .execute();
  });
  // A crash after the commit leaves a permit that nobody was told of; it expires.
}

/** Takes the permit, which serves once. Throws `token_missing` where there is none. */
export async function takePermit({ clock, db }: Consumer, refs: readonly string[]): Promise<void> {
  const taken = await db
    .deleteFrom('export_permit')
    .where('subject_ref', 'in', refs)
    .where('expires_ms', '>', clock.now())
    .returning('subject_ref')
    .executeTakeFirst();
  if (taken !== undefined) return;
  throw new CausewayError('token_missing', { detail: 'Sign in once more for it: POST /v1/step-ups.' });
}

export async function forgetPermits(db: Kysely<ConsumerTables>, nowMs: number): Promise<void> {
  await db.deleteFrom('export_permit').where('expires_ms', '<=', nowMs).execute();
}
