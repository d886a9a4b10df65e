import { withReceipts } from '@causeway/member';
import { CausewayError, readUnverified, type DisputeStatement } from '@causeway/protocol';
import { isOver } from '@causeway/records/disputes/index';
import type { Consumer } from '../consumer.ts';
import { type Acting, holdMandate } from '../mandates/acting.ts';
import { openingOf, signDispute } from './open-dispute.ts';
import { insertMessage, lockDispute, openingStatement, setWithdrawn } from './repository.ts';
import { viewOfDispute } from './view.ts';

/**
 * The subject takes a dispute back; it is over once the bureau has said so. Again it is the same. Throws
 * `not_found` for another subject's dispute, as for an absent one, and `conflict` where it is decided.
 */
export async function withdrawDispute(
  consumer: Consumer,
  refs: readonly string[],
  id: string,
  acting?: Acting,
) {
  const nowMs = consumer.clock.now();
  await withReceipts(consumer.db, async (trx, stage) => {
    const row = await lockDispute(trx, refs, id);
    if (row === undefined) throw new CausewayError('not_found');
    const mandate = await holdMandate(trx, consumer, acting);
    if (row.withdrawn_ms !== null) return;
    const dossier = JSON.parse(row.dossier) as { outcome?: string };
    if (isOver(row) || dossier.outcome !== undefined)
      throw new CausewayError('conflict', { detail: 'The dispute is decided.' });
    const opened = openedBy(await openingStatement(trx, row));
    const { aud, reason, received_at, record, subject_refs, text_digest } = opened;
    const signed = signDispute(consumer, {
      ...{ aud, action: 'withdraw', subject_refs, record, reason, text_digest, received_at },
      opening: row.digest,
    });
    await setWithdrawn(trx, row, { withdrawn_ms: nowMs, withdrawn_mandate: mandate });
    await insertMessage(trx, row, { n: 2, statement: signed.jws, next_ms: nowMs });
    await stage(row.subject_ref, openingOf(signed, nowMs));
  });
  // A crash after the commit loses only the answer: the sender tells the bureau, and again is the same.
  return await viewOfDispute(consumer, refs, id);
}

const openedBy = (jws: string): DisputeStatement => readUnverified(jws).claims as DisputeStatement;
