import { uuidv7 } from '@causeway/kernel';
import { withReceipts } from '@causeway/member';
import { NATIONAL_POLICY } from '@causeway/policy';
import { CausewayError } from '@causeway/protocol';
import type { Consumer } from '../consumer.ts';
import { holdMandate } from '../mandates/acting.ts';
import { newestStop } from '../stops/repository.ts';
import { receiptOf, type StopReceipt } from '../stops/receipt.ts';
import { recordStop } from '../stops/record-stop.ts';
import { spread } from '../stops/spread.ts';
import { move } from '../stops/state-machine.ts';
import { actOnce } from '../subjects/act-once.ts';
import type { Actor, SignedInActor } from '../subjects/actor.ts';
import { lockWholeSubject } from '../subjects/linked-refs.ts';
import type { StopRow } from '../tables.ts';
import { type Freeze, freezesOf, liftFreeze, placeFreeze } from './repository.ts';
import { isRestriction, requireUnrestricted } from './restriction.ts';
import { endWindows, windowsOf } from './window-repository.ts';
import { windowView, type WindowView } from './windows.ts';

export interface FreezeView {
  readonly id: string;
  readonly status: 'frozen' | 'lifted';
  readonly placed_at: string;
  readonly lifted_at?: string;
  /** It stands because the person wants to be erased: no purpose is exempt, and it is not lifted as such. */
  readonly restricts?: true;
  /** Of a standing freeze: who has acknowledged it, and who has not yet. */
  readonly acknowledgements?: readonly { readonly node: string; readonly acked_at: string }[];
  readonly waiting?: readonly string[];
  /** For whom it is or was opened. */
  readonly windows?: readonly WindowView[];
}

export type FreezeReceipt = FreezeView & StopReceipt;

/**
 * Freezes all access to the subject, under every reference and consent of theirs, but for purposes that
 * policy exempts. When this returns all who could still release have acknowledged, or their grants have
 * ended. One freeze stands at a time: freezing again returns its receipt.
 */
export async function freeze(consumer: Consumer, actor: Actor): Promise<FreezeReceipt> {
  const { value } = await withReceipts(consumer.db, async (trx, stage) => {
    const refs = await lockWholeSubject(trx, actor.subjectRef);
    const mandate = await holdMandate(trx, consumer, actor.acting);
    if (actor.signedIn) await actOnce(trx, actor.signedIn);
    const standing = (await freezesOf(trx, refs)).find(({ lifted_ms }) => lifted_ms === null);
    const id = standing?.id ?? uuidv7(consumer.clock, consumer.random);
    if (move(standing ? 'frozen' : 'open', 'freeze') !== 'already') {
      await placeFreeze(trx, refs, { id, placed_ms: consumer.clock.now() });
      await recordStop(consumer, trx, stage, { refs, action: 'freeze', mandate, of: { freeze: id } });
    }
    return { refs, id };
  });
  // A crash after the commit loses only the answer: freezing again brings the same receipt.
  return await answerOf(consumer, value.refs, value.id);
}

/**
 * Lifts a freeze, for the subject who has just signed in for this. Throws `not_found` for another subject's
 * freeze, as for an absent one. Lifting again returns the same receipt.
 */
export async function thaw(consumer: Consumer, id: string, actor: SignedInActor): Promise<FreezeReceipt> {
  const { value } = await withReceipts(consumer.db, async (trx, stage) => {
    const refs = await lockWholeSubject(trx, actor.subjectRef);
    const found = (await freezesOf(trx, refs)).find((row) => row.id === id);
    if (!found) throw new CausewayError('not_found');
    const mandate = await holdMandate(trx, consumer, actor.acting);
    await actOnce(trx, actor.signedIn);
    requireUnrestricted([found]);
    if (move(found.lifted_ms === null ? 'frozen' : 'open', 'thaw') !== 'already') {
      await liftFreeze(trx, refs, id, consumer.clock.now());
      await endWindows(trx, refs, { freeze_id: id }, consumer.clock.now());
      await recordStop(consumer, trx, stage, { refs, action: 'thaw', mandate, of: { freeze: id } });
    }
    return { refs, id };
  });
  // A crash after the commit loses only the answer: lifting again brings the same receipt.
  return await answerOf(consumer, value.refs, value.id);
}

/** Purposes that a freeze does not stop. */
const exemptPurposes = NATIONAL_POLICY.purposes.flatMap(({ enabled, freeze_exempt, purpose }) =>
  enabled && freeze_exempt ? purpose : [],
);

/** The subject's freezes, newest first; the standing one node by node, as far as it has come. */
export async function listFreezes(consumer: Consumer, refs: readonly string[]) {
  const rows = await freezesOf(consumer.db, refs);
  const windows = await windowsOf(consumer.db, refs);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const items: FreezeView[] = [];
  for (const row of byId.values()) {
    const acks = row.lifted_ms === null ? await standingView(consumer, refs, row) : {};
    items.push({ ...viewOf(row), ...acks });
  }
  const nowMs = consumer.clock.now();
  const opened = new Map(windows.map((row) => [row.id, windowView(row, nowMs)]));
  const withWindows = items.map((item) => ({
    ...item,
    windows: [...opened.values()].filter(({ freeze: of }) => of === item.id),
  }));
  return { items: withWindows, exempt_purposes: exemptPurposes };
}

async function standingView({ clock, db }: Consumer, refs: readonly string[], { id }: Freeze) {
  const stop = await newestStop(db, refs, { freeze: id });
  if (stop === undefined) return {};
  const { acknowledgements, waiting } = await receiptOf(db, stop, clock.now());
  return { acknowledgements: acknowledgements.map(({ acked_at, node }) => ({ node, acked_at })), waiting };
}

async function answerOf(consumer: Consumer, refs: readonly string[], id: string): Promise<FreezeReceipt> {
  const stop = await newestStop(consumer.db, refs, { freeze: id });
  const row = (await freezesOf(consumer.db, refs)).find((one) => one.id === id);
  if (!stop || !row) throw new CausewayError('internal', { internal: 'a freeze without its stop' });
  return await spreadFreeze(consumer, row, stop);
}

/** Sends the stop of a freeze to all whom it concerns, and tells who has acknowledged. */
export async function spreadFreeze(consumer: Consumer, row: Freeze, stop: StopRow): Promise<FreezeReceipt> {
  await spread(consumer, stop);
  return { ...viewOf(row), ...(await receiptOf(consumer.db, stop, consumer.clock.now())) };
}

function viewOf(row: Freeze): FreezeView {
  const { id, lifted_ms, placed_ms } = row;
  const placed_at = new Date(placed_ms).toISOString();
  if (isRestriction(row)) return { id, status: 'frozen', placed_at, restricts: true };
  if (lifted_ms === null) return { id, status: 'frozen', placed_at };
  return { id, status: 'lifted', placed_at, lifted_at: new Date(lifted_ms).toISOString() };
}
