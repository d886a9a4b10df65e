import { uuidv7 } from '@causeway/kernel';
import { type StageLeaf, withReceipts } from '@causeway/member';
import { CausewayError } from '@causeway/protocol';
import type { Transaction } from 'kysely';
import { setState } from '../consents/repository.ts';
import type { Consumer } from '../consumer.ts';
import { freezesOf, placeFreeze } from '../freezes/repository.ts';
import { setRestricts } from '../freezes/restriction.ts';
import { endWindows } from '../freezes/window-repository.ts';
import { recordStop } from '../stops/record-stop.ts';
import type { StopKey } from '../stops/repository.ts';
import { spread } from '../stops/spread.ts';
import { actOnce } from '../subjects/act-once.ts';
import type { SignedInActor } from '../subjects/actor.ts';
import { lockWholeSubject, refsOf } from '../subjects/linked-refs.ts';
import type { ConsumerTables } from '../tables.ts';
import { dueMsOf, keptOf } from './kept.ts';
import { insertErasure, openConsents, standingErasure, updateErasure } from './repository.ts';
import { type ErasureView, viewErasure } from './view.ts';

/** The nonce of the id_token that asks for it. */
export const eraseNonce = 'erase:all';

interface Writing {
  readonly trx: Transaction<ConsumerTables>;
  readonly stage: StageLeaf;
}

/**
 * Restricts a person at once, who has just signed in for this: every consent is revoked, every window ended,
 * and a freeze that stops all purposes stands until they take the wish back or are erased. Nothing new is
 * granted from the commit on; when this returns all who could still release have acknowledged, or their
 * grants have ended. The keys are destroyed when the longest time is over for which something must be kept.
 * Asking again changes nothing.
 */
export async function askErasure(consumer: Consumer, actor: SignedInActor): Promise<ErasureView> {
  const { value } = await withReceipts(consumer.db, async (trx, stage) => {
    const refs = await lockWholeSubject(trx, actor.subjectRef);
    await actOnce(trx, actor.signedIn);
    if ((await standingErasure(trx, refs)) !== undefined) return { refs, stop: undefined };
    await revokeAll(consumer, { trx, stage }, refs);
    const { freeze, stop } = await restrict(consumer, { trx, stage }, refs);
    const asked_ms = consumer.clock.now();
    const due_ms = dueMsOf(await keptOf(trx, refs, asked_ms));
    const id = uuidv7(consumer.clock, consumer.random);
    await insertErasure(trx, { id, refs, freeze_id: freeze, asked_ms, due_ms, state: 'restricted' });
    return { refs, stop };
  });
  // A crash after the commit loses only the answer: the stops are sent by whoever lives.
  if (value.stop !== undefined) await spread(consumer, value.stop);
  return await viewErasure(consumer, value.refs);
}

/** Each revocation is brought to whom it concerns by the timer; the freeze, which covers all, is awaited. */
async function revokeAll(
  consumer: Consumer,
  { stage, trx }: Writing,
  refs: readonly string[],
): Promise<void> {
  for (const consent of await openConsents(trx, refs)) {
    await setState(trx, consent, 'revoked', consumer.clock.now());
    await recordStop(consumer, trx, stage, { refs, action: 'revoke', of: { consent } });
  }
}

/** A freeze that stands already is stopped anew: no window that was opened in it counts after that. */
async function restrict(
  consumer: Consumer,
  { stage, trx }: Writing,
  refs: readonly string[],
): Promise<{ freeze: string; stop: StopKey }> {
  const standing = (await freezesOf(trx, refs)).find(({ lifted_ms }) => lifted_ms === null);
  const freeze = standing?.id ?? uuidv7(consumer.clock, consumer.random);
  const nowMs = consumer.clock.now();
  await placeFreeze(trx, refs, { id: freeze, placed_ms: standing?.placed_ms ?? nowMs });
  await setRestricts(trx, refs, freeze, true);
  await endWindows(trx, refs, { freeze_id: freeze }, nowMs);
  const restricting = { refs, action: 'freeze', of: { freeze }, restricts: true } as const;
  return { freeze, stop: await recordStop(consumer, trx, stage, restricting) };
}

/**
 * Takes the wish back while nothing is destroyed yet. The freeze stays, and can be lifted like any other;
 * what was revoked stays revoked. Every node is told that what stands is a freeze and no more, so that none
 * obeys an erasure that comes all the same. Throws `not_found` where there is no wish, and `conflict` where
 * it is too late.
 */
export async function withdrawErasure(
  consumer: Consumer,
  subjectRefs: readonly string[],
): Promise<ErasureView> {
  const { value } = await withReceipts(consumer.db, async (trx, stage) => {
    const locked = await lockWholeSubject(trx, subjectRefs[0] ?? '');
    const row = await standingErasure(trx, locked);
    if (row === undefined) throw new CausewayError('not_found');
    if (row.state !== 'restricted')
      throw new CausewayError('conflict', { detail: 'The keys are being destroyed already.' });
    await updateErasure(trx, row.id, { state: 'withdrawn' });
    await setRestricts(trx, locked, row.freeze_id, false);
    const freezing = {
      refs: locked,
      action: 'freeze',
      of: { freeze: row.freeze_id },
      restricts: false,
    } as const;
    return { refs: locked, stop: await recordStop(consumer, trx, stage, freezing) };
  });
  // A crash after the commit loses only the answer: the stop is sent by whoever lives.
  await spread(consumer, value.stop);
  return await viewErasure(consumer, await refsOf(consumer.db, value.refs[0] ?? ''));
}
