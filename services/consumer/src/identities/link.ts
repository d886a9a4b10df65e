import { withReceipts } from '@causeway/member';
import { CausewayError, epochOf } from '@causeway/protocol';
import { transaction } from '@causeway/service';
import type { Consumer } from '../consumer.ts';
import { type Freeze, freezesOf } from '../freezes/repository.ts';
import { requireUnrestricted } from '../freezes/restriction.ts';
import { spreadFreeze, type FreezeReceipt } from '../freezes/service.ts';
import { findStop, type StopKey } from '../stops/repository.ts';
import { actOnce } from '../subjects/act-once.ts';
import { actorByToken, type SignedInActor } from '../subjects/actor.ts';
import { lockWholeSubjects, refsOf } from '../subjects/linked-refs.ts';
import { joinSubjects } from './join.ts';
import { identitiesOf, insertLinkRequest, takeLinkRequest, type LinkedIdentity } from './repository.ts';

/** Both identities sign in for the same link within this time. */
const requestLifeMs = 600_000;

const linkNonce = /^link:([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/u;

/** @throws CausewayError token_invalid: not for a link, or not of a natural person */
async function linker(consumer: Consumer, idToken: string): Promise<SignedInActor & { id: string }> {
  const actor = await actorByToken(consumer, idToken, linkNonce);
  if (actor.signedIn.role !== 'self') {
    throw new CausewayError('token_invalid', { detail: 'Only identities of one person can be linked.' });
  }
  return { ...actor, id: linkNonce.exec(actor.signedIn.nonce)?.[1] ?? '' };
}

/**
 * The first half of a link: an identity signs in for it, with an id_token whose nonce `link:<uuid>` names the
 * link. Nothing is linked yet.
 */
export async function requestLink(
  consumer: Consumer,
  idToken: string,
): Promise<{ id: string; expires_at: string }> {
  const { id, signedIn, subjectRef } = await linker(consumer, idToken);
  const expiresMs = consumer.clock.now() + requestLifeMs;
  const { scheme } = signedIn.subject;
  await transaction(consumer.db, async (trx) => {
    await actOnce(trx, signedIn);
    // A crash after the commit leaves a request that expires; its subject signs in for another.
    await insertLinkRequest(trx, { subject_ref: subjectRef, id, scheme, expires_ms: expiresMs });
  });
  return { id, expires_at: new Date(expiresMs).toISOString() };
}

export interface Linked {
  /** The subject's identities by kind; numbers and references are not repeated. */
  readonly identities: readonly { readonly scheme: string; readonly linked_at: string }[];
  /** Where the subject has frozen access: the freeze, which covers all of them now, and who acknowledged. */
  readonly freeze?: FreezeReceipt;
}

/**
 * The second half, under a session of the identity that asked for the link, with an id_token of the other one
 * for the same link. From then on consents, stops and history are those of one subject. A freeze of either
 * covers all, through the same barrier. Throws `token_invalid` where the session's subject has not asked for
 * this link, and `conflict` where the two cannot be one person, or one is to be erased.
 */
export async function linkIdentity(consumer: Consumer, sessionRef: string, idToken: string): Promise<Linked> {
  const other = await linker(consumer, idToken);
  const { value } = await withReceipts(consumer.db, async (trx, stage) => {
    const [mine = [], theirs = []] = await lockWholeSubjects(trx, [sessionRef, other.subjectRef]);
    const asked = await takeLinkRequest(trx, mine, other.id);
    if (!asked || asked.expires_ms <= consumer.clock.now()) {
      throw new CausewayError('token_invalid', { detail: 'The session has not asked for this link.' });
    }
    await actOnce(trx, other.signedIn);
    if (mine.includes(other.subjectRef)) return { refs: mine, stop: undefined };
    requireUnrestricted(await freezesOf(trx, [...mine, ...theirs]));
    const nowMs = consumer.clock.now();
    const own = { subject_ref: asked.subject_ref, scheme: asked.scheme, linked_ms: nowMs };
    const added = { subject_ref: other.subjectRef, scheme: other.signedIn.subject.scheme, linked_ms: nowMs };
    return await joinSubjects(consumer, trx, stage, { sides: [mine, theirs], identities: [own, added] });
  });
  // A crash after the commit loses only the answer; a freeze is sent by the sweeper.
  return await answerOf(consumer, value.refs, value.stop);
}

async function answerOf(
  consumer: Consumer,
  refs: readonly string[],
  key: StopKey | undefined,
): Promise<Linked> {
  const identities = inOneEpoch(await identitiesOf(consumer.db, refs)).map(({ linked_ms, scheme }) => ({
    ...{ scheme, linked_at: new Date(linked_ms).toISOString() },
  }));
  const stop = key && (await findStop(consumer.db, key));
  const row = stop && (await frozenRow(consumer, refs, stop.freeze_id));
  if (!stop || !row) return { identities };
  return { identities, freeze: await spreadFreeze(consumer, row, stop) };
}

/** Each once, though it has a reference in each epoch: of every kind, those of the epoch with most. */
function inOneEpoch(all: readonly LinkedIdentity[]): LinkedIdentity[] {
  const fullest = new Map<string, LinkedIdentity[]>();
  for (const some of Map.groupBy(all, (one) => `${one.scheme} ${epochOf(one.subject_ref)}`).values()) {
    const scheme = some[0]?.scheme ?? '';
    if (some.length > (fullest.get(scheme)?.length ?? 0)) fullest.set(scheme, some);
  }
  return all.filter((one) => fullest.get(one.scheme)?.includes(one));
}

async function frozenRow(
  consumer: Consumer,
  refs: readonly string[],
  id: string | null,
): Promise<Freeze | undefined> {
  return (await freezesOf(consumer.db, refs)).find((row) => row.id === id);
}

/** The subject's identities, the first one first; one that was never linked has no list. */
export async function listIdentities(consumer: Consumer, refs: readonly string[]): Promise<Linked> {
  return await answerOf(consumer, await refsOf(consumer.db, refs[0] ?? ''), undefined);
}
