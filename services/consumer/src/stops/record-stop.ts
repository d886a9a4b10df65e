import { seconds } from '@causeway/kernel';
import type { StageLeaf } from '@causeway/member';
import { sign, type Digest, type Signed, type UnsignedClaims } from '@causeway/protocol';
import type { Transaction } from 'kysely';
import type { Consumer } from '../consumer.ts';
import type { ConsentRow, ConsumerTables } from '../tables.ts';
import { addressedMax, recipientsOf } from './recipients.ts';
import { insertStop, nextSequence, type StopKey } from './repository.ts';
import type { Action } from './state-machine.ts';

/** What is stopped or resumed, and for whom. */
export interface Stop {
  /** All references of the subject, the first one first. */
  readonly refs: readonly string[];
  readonly action: Action;
  /** Under which it is done for the subject; none where they do it themselves. */
  readonly mandate?: Digest | null;
  /** Of a freeze that stands for an erasure: true where that begins, false where it ends; all are told. */
  readonly restricts?: boolean;
  readonly of: { readonly consent: Pick<ConsentRow, 'digest' | 'bureaus'> } | { readonly freeze: string };
}

/** Receivers judge a status by its arrival; it stays provable for a day and its leaf for ever. Seconds. */
const statusLife = 86_400;
/** The call itself sends first; whoever finds it unsent after this sends it. */
const leaseMs = 5000;

/**
 * Records a stop with its leaf and with everybody who must acknowledge it. In the transaction that makes it
 * hold, under the exclusive locks of all references: redemption shares them, so that every grant that was
 * given before is seen here, and none is given after.
 */
export async function recordStop(
  consumer: Consumer,
  trx: Transaction<ConsumerTables>,
  stage: StageLeaf,
  stop: Stop,
): Promise<StopKey> {
  const nowMs = consumer.clock.now();
  const { action, of, refs } = stop;
  const consent = 'consent' in of ? of.consent : undefined;
  const freeze = 'freeze' in of ? of.freeze : null;
  const restricts = stop.restricts === true;
  const everywhere = stop.restricts !== undefined;
  const subjects = { refs, nowMs, freeze, everywhere, ...(consent === undefined ? {} : { consent }) };
  const recipients = await recipientsOf(trx, consumer, subjects);
  // The subject gets the statement: it does not name whom they do not know of yet. Those get their own.
  const nodes = recipients.flatMap(({ node, shown_from_ms: from }) => (from === null ? node : []));
  const sequence = await nextSequence(trx, refs);
  const signed = signStatus(consumer, {
    ...{ action, sequence, subject_refs: [...refs], ...(consent ? { consent: consent.digest } : {}) },
    ...(restricts ? { restricts } : {}),
    // A stop that nobody has to learn of is proved by its statement all the same.
    aud: nodes.length === 0 ? [consumer.key.member] : nodes.slice(0, addressedMax),
  });
  const key = { subject_ref: refs[0] ?? '', sequence };
  const deliveries = recipients.map((recipient) => ({ ...recipient, next_ms: nowMs + leaseMs }));
  await insertStop(
    trx,
    {
      ...{ ...key, action, digest: signed.digest, statement: signed.jws, at_ms: nowMs },
      ...{ consent: consent?.digest ?? null, freeze_id: freeze },
      ...{ window_id: null, restricts },
      mandate: stop.mandate ?? null,
    },
    deliveries,
  );
  await stageStatus(consumer, stage, signed);
  return key;
}

/** A status of this service; `jti`, `iat` and `exp` are of this moment. */
export function signStatus(
  consumer: Consumer,
  claims: Omit<UnsignedClaims<'status'>, 'exp'>,
): Signed<'status'> {
  return sign('status', { ...claims, exp: seconds(consumer.clock) + statusLife }, consumer);
}

/** The leaf of a status: issuing a statement promises it. */
export async function stageStatus(
  consumer: Consumer,
  stage: StageLeaf,
  { claims, digest }: { claims: Signed<'status'>['claims']; digest: Digest },
): Promise<void> {
  await stage(claims.subject_refs[0] ?? '', {
    typ: 'status',
    digest,
    inquiry: null,
    use: null,
    iss: consumer.key.member,
    aud: claims.aud.join(' '),
    at_ms: consumer.clock.now(),
    outcome: claims.action,
  });
}
