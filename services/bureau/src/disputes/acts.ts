import { CausewayError } from '@causeway/protocol';
import { mayApprove } from '@causeway/records/disputes/index';
import type { DisputeEvent } from '@causeway/records/disputes/index';
import type pg from 'pg';

import { inTransaction } from '../store/in-transaction.ts';
import type { DisputeRow } from '../tables.ts';
import { correct, deleteItem } from './end.ts';
import type { Change } from './end.ts';
import { lockDispute } from './repository.ts';
import { stepWith } from './step.ts';
import type { Handling, Said } from './step.ts';

/** What the bureau's people do with a dispute. */
export type Act =
  | { readonly kind: 'forward' | 'answer' | 'extend' | 'resume' }
  | { readonly kind: 'stop'; readonly reason: 'expert_test' | 'person_absent' | 'court' }
  | { readonly kind: 'correct'; readonly set: Change }
  | { readonly kind: 'delete' }
  | { readonly kind: 'find'; readonly outcome: 'unfounded' | 'undetermined' };

/** What moves a clock takes a second person. */
const byAnother: ReadonlySet<Act['kind']> = new Set(['extend', 'stop', 'resume']);

/**
 * Does one thing with a dispute, for one of the bureau's people. The first who does anything handles it from
 * then on; a clock is moved by somebody else.
 * @throws CausewayError `not_found`; `conflict` where the state or the law does not allow it;
 * `approval_insufficient` where who handles it would move its clock, or nobody handles it yet
 */
export async function act(bureau: Handling, id: string, what: Act, said: Said): Promise<void> {
  await inTransaction(bureau.pool, async (client) => {
    const row = await lockDispute(client, id);
    if (row === undefined) throw new CausewayError('not_found');
    if (byAnother.has(what.kind) && !mayApprove(row.handler, said.by))
      throw new CausewayError('approval_insufficient', {
        detail: 'This takes another person than the one who handles the dispute.',
      });
    const handler = byAnother.has(what.kind) ? row.handler : (row.handler ?? said.by);
    await perform(bureau, client, { ...row, handler }, what, said);
    // A crash before the COMMIT is answered leaves the step done or not; done again it is refused.
  });
}

async function perform(
  bureau: Handling,
  client: pg.PoolClient,
  row: DisputeRow,
  what: Act,
  said: Said,
): Promise<void> {
  if (what.kind === 'correct') await correct(bureau, client, row, what.set, said);
  else if (what.kind === 'delete')
    await deleteItem(bureau, client, row, { kind: 'resolve', outcome: 'deleted' }, said);
  else await stepWith(bureau, client, row, eventOf(what), said);
}

function eventOf(what: Exclude<Act, { kind: 'correct' | 'delete' }>): DisputeEvent {
  return what.kind === 'find' ? { kind: 'resolve', outcome: what.outcome } : what;
}
