import { CausewayError } from '@causeway/protocol';
import { mayApprove } from '@causeway/records/disputes/index';
import type { DisputeEvent } from '@causeway/records/disputes/index';
import type pg from 'pg';

import { inTransaction } from '../store/in-transaction.ts';
import type { DisputeRow } from '../tables.ts';
import { correct, deleteItem } from './end.ts';
import type { Change } from './end.ts';
import { askToEnd, correctThere, deleteThere, lockEnding } from './native-end.ts';
import type { Ending } from './native-end.ts';
import { lockDispute } from './repository.ts';
import { notNow, stepWith } from './step.ts';
import type { Handling, Said } from './step.ts';

/** What the bureau's people do with a dispute. What another system holds is corrected there: no `set`. */
export type Act =
  | { readonly kind: 'forward' | 'answer' | 'extend' | 'resume' }
  | { readonly kind: 'stop'; readonly reason: 'expert_test' | 'person_absent' | 'court' }
  | { readonly kind: 'correct'; readonly set?: Change | undefined }
  | { readonly kind: 'delete' }
  | { readonly kind: 'find'; readonly outcome: 'unfounded' | 'undetermined' };

/** What moves a clock takes a second person. */
const byAnother: ReadonlySet<Act['kind']> = new Set(['extend', 'stop', 'resume']);

/**
 * Does one thing with a dispute, for one of the bureau's people. The first who does anything handles it from
 * then on; a clock is moved by somebody else. A native system is asked before anything is locked.
 * @throws CausewayError `not_found`; `conflict` where the state, the law or what a native system still
 * reports does not allow it; `unavailable` where that does not answer; `approval_insufficient` where who
 * handles it would move its clock, or nobody handles it yet
 */
export async function act(bureau: Handling, id: string, what: Act, said: Said): Promise<void> {
  const isEnding = what.kind === 'correct' || what.kind === 'delete';
  const ending = isEnding ? await askToEnd(bureau, id, ['answered']) : undefined;
  await inTransaction(bureau.pool, async (client) => {
    await lockEnding(client, ending);
    const row = await lockDispute(client, id);
    if (row === undefined) throw new CausewayError('not_found');
    if (byAnother.has(what.kind) && !mayApprove(row.handler, said.by))
      throw new CausewayError('approval_insufficient', {
        detail: 'This takes another person than the one who handles the dispute.',
      });
    const handler = byAnother.has(what.kind) ? row.handler : (row.handler ?? said.by);
    const isThere = isEnding && bureau.source.kind === 'native';
    if (isThere) await endThere(bureau, client, { ...row, handler }, what, { ...said, ending });
    else await perform(bureau, client, { ...row, handler }, what, said);
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

/** A correction or a deletion of what a native system holds. */
async function endThere(
  bureau: Handling,
  client: pg.PoolClient,
  row: DisputeRow,
  what: Act,
  { ending, ...said }: Said & { readonly ending: Ending | undefined },
): Promise<void> {
  if (what.kind === 'correct' && what.set !== undefined)
    throw new CausewayError('bad_request', {
      pointer: '/set',
      detail: 'Another system holds the item: correct it there.',
    });
  // Asked for in another state, nothing is known of what the system says.
  if (ending === undefined) throw notNow(row);
  const { reported } = ending;
  if (what.kind === 'correct') await correctThere(bureau, client, row, reported, said);
  else {
    const event = { kind: 'resolve', outcome: 'deleted' } as const;
    await deleteThere(bureau, client, row, event, { ...said, reported });
  }
}

function eventOf(what: Exclude<Act, { kind: 'correct' | 'delete' }>): DisputeEvent {
  return what.kind === 'find' ? { kind: 'resolve', outcome: what.outcome } : what;
}
