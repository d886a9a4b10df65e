import { withReceipts, type StageLeaf } from '@causeway/member';
import { CausewayError } from '@causeway/protocol';
import { transaction } from '@causeway/service';
import type { Transaction } from 'kysely';
import type { Consumer } from '../consumer.ts';
import { freezesOf, liftFreeze, placeFreeze } from '../freezes/repository.ts';
import { spreadFreeze, type FreezeReceipt } from '../freezes/service.ts';
import { findStop, nextSequence, type StopKey } from '../stops/repository.ts';
import { recordStop } from '../stops/record-stop.ts';
import { actOnce } from '../subjects/act-once.ts';
import { actorByToken, type SignedInActor } from '../subjects/actor.ts';
import { lockWholeSubjects, refsOf } from '../subjects/linked-refs.ts';
import type { ConsumerTables, FreezeRow } from '../tables.ts';
import {
  identitiesOf,
  insertLinkRequest,
  linkAll,
  takeLinkRequest,
  type LinkedIdentity,
} from './repository.ts';

/** Both identities sign in for the same link within this time. */
const requestLifeMs = 600_000;
/** References that one status can name. */
const refsMax = 16;

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
 * this link, and `conflict` where the two cannot be one person.
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
    if (mine.includes(other.subjectRef)) return { refs: mine };
    const nowMs = consumer.clock.now();
    const own = { subject_ref: asked.subject_ref, scheme: asked.scheme, linked_ms: nowMs };
    const added = { subject_ref: other.subjectRef, scheme: other.signedIn.subject.scheme, linked_ms: nowMs };
    const identities = together(await identitiesOf(trx, [...mine, ...theirs]), [own, added]);
    checkOnePerson(identities);
    const refs = await inOrder(trx, mine, theirs);
    await linkAll(trx, refs[0] ?? sessionRef, identities);
    return { refs, stop: await freezeAll(consumer, trx, stage, refs) };
  });
  // A crash after the commit loses only the answer; a freeze is sent by the sweeper.
  return await answerOf(consumer, value.refs, value.stop);
}

function together(linked: readonly LinkedIdentity[], named: readonly LinkedIdentity[]): LinkedIdentity[] {
  return [...new Map([...named, ...linked].map((one) => [one.subject_ref, one])).values()];
}

/** @throws CausewayError conflict: a person has one resident number, and a status names so many references */
function checkOnePerson(identities: readonly LinkedIdentity[]): void {
  if (identities.filter(({ scheme }) => scheme === 'gb11643').length > 1) {
    throw new CausewayError('conflict', { detail: 'Two resident numbers are two persons.' });
  }
  if (identities.length > refsMax) {
    throw new CausewayError('conflict', { detail: `A subject has at most ${refsMax} identities.` });
  }
}

/**
 * All references, beginning with the first one of the side that has stopped more often: its numbers go on
 * without a gap, and they are higher than any that a node has seen for the other side.
 */
async function inOrder(
  trx: Transaction<ConsumerTables>,
  mine: readonly string[],
  theirs: readonly string[],
): Promise<string[]> {
  const further = (await nextSequence(trx, theirs)) > (await nextSequence(trx, mine));
  return further ? [...theirs, ...mine] : [...mine, ...theirs];
}

/** The oldest standing freeze of either side becomes the one of all; undefined where none stands. */
async function freezeAll(
  consumer: Consumer,
  trx: Transaction<ConsumerTables>,
  stage: StageLeaf,
  refs: readonly string[],
): Promise<StopKey | undefined> {
  const standing = (await freezesOf(trx, refs)).filter(({ lifted_ms }) => lifted_ms === null);
  const oldest = standing.at(-1);
  if (!oldest) return undefined;
  const { id, placed_ms } = oldest;
  const superseded = new Set(standing.map((row) => row.id).filter((one) => one !== id));
  await placeFreeze(trx, refs, { id, placed_ms });
  for (const one of superseded) await liftFreeze(trx, refs, one, consumer.clock.now());
  return await recordStop(consumer, trx, stage, { refs, action: 'freeze', of: { freeze: id } });
}

async function answerOf(
  consumer: Consumer,
  refs: readonly string[],
  key: StopKey | undefined,
): Promise<Linked> {
  const identities = (await identitiesOf(consumer.db, refs)).map(({ linked_ms, scheme }) => ({
    ...{ scheme, linked_at: new Date(linked_ms).toISOString() },
  }));
  const stop = key && (await findStop(consumer.db, key));
  const row = stop && (await frozenRow(consumer, refs, stop.freeze_id));
  if (!stop || !row) return { identities };
  return { identities, freeze: await spreadFreeze(consumer, row, stop) };
}

async function frozenRow(
  consumer: Consumer,
  refs: readonly string[],
  id: string | null,
): Promise<FreezeRow | undefined> {
  return (await freezesOf(consumer.db, refs)).find((row) => row.id === id);
}

/** The subject's identities, the first one first; one that was never linked has no list. */
export async function listIdentities(consumer: Consumer, refs: readonly string[]): Promise<Linked> {
  return await answerOf(consumer, await refsOf(consumer.db, refs[0] ?? ''), undefined);
}
