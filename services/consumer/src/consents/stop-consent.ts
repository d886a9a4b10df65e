import { withReceipts } from '@causeway/member';
import { CausewayError } from '@causeway/protocol';
import type { Consumer } from '../consumer.ts';
import { checkScope, holdMandate } from '../mandates/acting.ts';
import { newestStop } from '../stops/repository.ts';
import { receiptOf, type StopReceipt } from '../stops/receipt.ts';
import { recordStop } from '../stops/record-stop.ts';
import { spread } from '../stops/spread.ts';
import { move } from '../stops/state-machine.ts';
import { actOnce } from '../subjects/act-once.ts';
import type { Actor } from '../subjects/actor.ts';
import { lockWholeSubject } from '../subjects/linked-refs.ts';
import type { ConsentRow, StopRow } from '../tables.ts';
import { lockConsent, setState } from './repository.ts';

/** The acts of a subject on a consent of theirs. */
export type ConsentAction = 'revoke' | 'pause' | 'resume';

export interface StoppedConsent extends StopReceipt {
  readonly id: string;
  readonly status: ConsentRow['state'];
  /** When the act took effect here: no grant was given under a stopped consent after it. */
  readonly at: string;
  /** The same, where the consent is revoked. */
  readonly revoked_at?: string;
}

/**
 * Revokes, pauses or resumes a consent: from the commit on no grant is given under a stopped one, and when
 * this returns all who could still release under it have acknowledged, or their grants have ended. The same
 * act again returns the same receipt. Throws `not_found` for another subject's consent, as for an absent
 * one, and `conflict` where the consent's state does not allow the act.
 */
export async function actOnConsent(
  consumer: Consumer,
  { action, id }: { readonly action: ConsentAction; readonly id: string },
  actor: Actor,
): Promise<StoppedConsent> {
  const { value } = await withReceipts(consumer.db, async (trx, stage) => {
    const refs = await lockWholeSubject(trx, actor.subjectRef);
    const row = await lockConsent(trx, refs, id);
    if (!row) throw new CausewayError('not_found');
    checkScope(actor.acting, row.purposes);
    const mandate = await holdMandate(trx, consumer, actor.acting);
    if (actor.signedIn) await actOnce(trx, actor.signedIn);
    const moved = move(row.state, action);
    if (moved === 'conflict') throw refused(row);
    if (moved === 'already') {
      const stop = await newestStop(trx, refs, { consent: row.digest });
      if (stop?.action !== action) throw refused(row);
      return { stop, state: row.state };
    }
    const state = moved.to as ConsentRow['state'];
    await setState(trx, row, state, consumer.clock.now());
    await recordStop(consumer, trx, stage, { refs, action, mandate, of: { consent: row } });
    return { stop: await newestStop(trx, refs, { consent: row.digest }), state };
  });
  // A crash after the commit loses only the answer: the same act again brings the same receipt.
  const { state, stop } = value;
  if (stop === undefined) throw new CausewayError('internal', { internal: 'a stop vanished' });
  await spread(consumer, stop);
  return await answerOf(consumer, id, state, stop);
}

function refused({ state }: ConsentRow): CausewayError {
  return new CausewayError('conflict', { detail: `The consent is ${state}.` });
}

async function answerOf(
  consumer: Consumer,
  id: string,
  state: ConsentRow['state'],
  stop: StopRow,
): Promise<StoppedConsent> {
  const at = new Date(stop.at_ms).toISOString();
  const revoked = state === 'revoked' ? { revoked_at: at } : {};
  return { id, status: state, at, ...revoked, ...(await receiptOf(consumer.db, stop, consumer.clock.now())) };
}
