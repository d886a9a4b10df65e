import { withReceipts } from '@causeway/member';
import { CausewayError } from '@causeway/protocol';
import type { Consumer } from '../consumer.ts';
import { lockMandate } from './repository.ts';
import { recordEnd } from './sign-mandate.ts';

/**
 * Ends a mandate at once, by the one whom it is for or by the one who acts: from the commit on nothing is
 * done under it. Ending again changes nothing. Throws `not_found` for one of others, as for none.
 */
export async function endMandate(consumer: Consumer, refs: readonly string[], id: string): Promise<void> {
  await withReceipts(consumer.db, async (trx, stage) => {
    const row = await lockMandate(trx, id);
    const who = row && (refs.includes(row.subject_ref) ? 'subject' : 'agent');
    if (!row || !who || (who === 'agent' && !refs.includes(row.agent_ref)))
      throw new CausewayError('not_found');
    if (row.ended_ms === null) await recordEnd(consumer, { trx, stage }, row, { who });
  });
  // A crash after the commit loses only the answer: ending again changes nothing.
}
