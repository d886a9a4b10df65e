import { seconds } from '@causeway/kernel';
import { lockSubjectsExclusive, withReceipts, type StageLeaf } from '@causeway/member';
import { CausewayError, sign, type Signed } from '@causeway/protocol';
import type { Transaction } from 'kysely';
import type { Consumer } from '../consumer.ts';
import { actOnce } from '../subjects/act-once.ts';
import type { SignedIn } from '../subjects/id-token.ts';
import type { ConsentRow, ConsumerTables } from '../tables.ts';
import {
  insertStop,
  lastGrantExpiry,
  lockConsent,
  markRevoked,
  nextSequence,
  revocationOf,
} from './repository.ts';

/** Receivers judge a stop by its arrival; it stays provable for a day and its leaf for ever. */
const stopLifeSeconds = 86_400;

export interface Revoked {
  readonly id: string;
  readonly status: 'revoked';
  readonly revoked_at: string;
  /** The signed stop. */
  readonly receipt: string;
  /** Its leaf. */
  readonly leaf: string;
  /** When the last grant that was given before lapses. */
  readonly last_grant_expires_at?: string;
}

/** Whoever revokes: a subject by a session, or by an id_token for this one act. */
export interface Revoker {
  readonly subjectRef: string;
  readonly signedIn?: SignedIn;
}

/** The revoker behind an id_token with the nonce `revoke:<consent id>`. Throws `token_invalid`. */
export async function revokerByToken(consumer: Consumer, id: string, idToken: string): Promise<Revoker> {
  const signedIn = await consumer.verifyIdToken(idToken);
  if (signedIn.nonce !== `revoke:${id}`) {
    throw new CausewayError('token_invalid', { detail: 'The id_token was issued for another act.' });
  }
  return { subjectRef: await consumer.references.of(signedIn.subject), signedIn };
}

/**
 * Ends a consent: from the commit on no grant is given under it. Revoking again returns the same receipt.
 * Throws `not_found` for another subject's consent, as for an absent one.
 */
export async function revoke(consumer: Consumer, id: string, revoker: Revoker): Promise<Revoked> {
  const { subjectRef, signedIn } = revoker;
  const { value } = await withReceipts(consumer.db, async (trx, stage) => {
    await lockSubjectsExclusive(trx, [subjectRef]);
    const row = await lockConsent(trx, subjectRef, { id });
    if (!row) throw new CausewayError('not_found');
    if (signedIn) await actOnce(trx, signedIn);
    if (row.state !== 'revoked') await recordStop(consumer, trx, stage, row);
    return await receiptOf(trx, row);
  });
  // A crash after the commit loses only the answer: revoking again brings the same receipt.
  await consumer.faults.at('stop-committed');
  return { id, status: 'revoked', ...value };
}

async function recordStop(
  consumer: Consumer,
  trx: Transaction<ConsumerTables>,
  stage: StageLeaf,
  row: ConsentRow,
): Promise<void> {
  const nowMs = consumer.clock.now();
  const sequence = await nextSequence(trx, row.subject_ref);
  const stop = signStop(consumer, row, sequence);
  const { subject_ref, digest: consent } = row;
  await markRevoked(trx, row, nowMs);
  await insertStop(trx, {
    ...{ subject_ref, sequence, consent, action: 'revoke' },
    ...{ digest: stop.digest, statement: stop.jws, at_ms: nowMs },
  });
  await stage(subject_ref, {
    typ: 'status',
    digest: stop.digest,
    inquiry: null,
    use: null,
    iss: consumer.key.member,
    aud: stop.claims.aud.join(' '),
    at_ms: nowMs,
    outcome: 'revoke',
  });
}

function signStop(consumer: Consumer, row: ConsentRow, sequence: number): Signed<'status'> {
  const brokers = consumer
    .directory()
    .membersWith('broker')
    .filter(({ status }) => status === 'active');
  const claims = {
    aud: [...brokers.map(({ id }) => id), ...row.bureaus],
    exp: seconds(consumer.clock) + stopLifeSeconds,
    action: 'revoke' as const,
    subject_refs: [row.subject_ref],
    sequence,
    consent: row.digest,
  };
  return sign('status', claims, consumer);
}

async function receiptOf(trx: Transaction<ConsumerTables>, row: ConsentRow) {
  const stop = await revocationOf(trx, row.subject_ref, row.digest);
  if (!stop) throw new CausewayError('internal', { internal: 'a revoked consent has no stop' });
  const last = await lastGrantExpiry(trx, row.subject_ref, row.digest);
  return {
    revoked_at: new Date(stop.at_ms).toISOString(),
    receipt: stop.statement,
    leaf: stop.digest,
    ...(last === undefined ? {} : { last_grant_expires_at: new Date(last).toISOString() }),
  };
}
