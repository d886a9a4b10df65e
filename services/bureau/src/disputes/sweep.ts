import { CausewayError } from '@causeway/protocol';
import { expiries, isUnderWay } from '@causeway/records/disputes/index';
import type { Expiry } from '@causeway/records/disputes/index';
import type pg from 'pg';

import { inTransaction } from '../store/in-transaction.ts';
import type { DisputeRow } from '../tables.ts';
import { deleteItem } from './end.ts';
import { refsOf } from './native-item.ts';
import { askToEnd, deleteThere, lockEnding } from './native-end.ts';
import type { Ending, Reported } from './native-end.ts';
import { dueDisputes, findDispute, lockDispute, setDue } from './repository.ts';
import { clocksHere, dossierOf, stepWith } from './step.ts';
import type { Handling } from './step.ts';

const stepRows = 100;
/** Who acts where a clock has run out. */
const byClock = { by: 'clock' } as const;

/**
 * Looks at every dispute of which a clock has run out, and does what its rule says: the provider is asked,
 * or the dispute ends as undetermined or by deletion, or somebody is told. What was missed while nobody ran
 * is caught up. Several processes share the work: the row's lock makes one of them second, which then finds
 * nothing due. Returns how many it looked at.
 */
export async function sweepDisputes(bureau: Handling): Promise<number> {
  const due = await dueDisputes(bureau.pool, bureau.clock.now(), stepRows);
  for (const id of due) {
    const ending = await askToDelete(bureau, id);
    await inTransaction(bureau.pool, async (client) => {
      await lockEnding(client, ending);
      const row = await lockDispute(client, id);
      if (row !== undefined) await expire(bureau, client, row, ending?.reported);
      // A crash before the COMMIT is answered leaves it done or due: the next run finds it again.
    });
  }
  return due.length;
}

/** What expires by deletion. */
const lapsed = { kind: 'lapse', outcome: 'deleted' } as const;

/**
 * Where the law takes out what a native system holds, that is asked what it says by now. Without its answer
 * the item goes all the same: the law does not wait for it.
 */
async function askToDelete(bureau: Handling, id: string): Promise<Ending | undefined> {
  if (bureau.source.kind === 'hosted') return undefined;
  const row = await findDispute(bureau.db, id);
  if (row === undefined || !expiriesOf(bureau, row).includes('delete')) return undefined;
  try {
    return await askToEnd(bureau, id, [row.state]);
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error;
    bureau.log.warn({ event: 'dispute_source_away', dispute: id, code: error.code });
    return { refs: refsOf(row), reported: 'away' };
  }
}

function expiriesOf(bureau: Handling, row: DisputeRow): Expiry[] {
  const dossier = dossierOf(row);
  return isUnderWay(dossier) ? expiries(dossier.clocks, bureau.clock.now(), clocksHere(bureau)) : [];
}

async function expire(
  bureau: Handling,
  client: pg.PoolClient,
  row: DisputeRow,
  reported: Reported | undefined,
): Promise<void> {
  const nowMs = bureau.clock.now();
  if (row.due_ms === null || row.due_ms > nowMs) return;
  const what = expiriesOf(bureau, row);
  if (what.includes('delete') && bureau.source.kind === 'native') {
    // Its time ran out since it was looked at: the next run asks.
    if (reported === undefined) return;
    await deleteThere(bureau, client, row, lapsed, { ...byClock, reported });
  } else if (what.includes('delete')) {
    await deleteItem(bureau, client, row, lapsed, byClock);
  } else if (what.includes('undetermined')) {
    await stepWith(bureau, client, row, { kind: 'lapse', outcome: 'undetermined' }, byClock);
  } else if (what.includes('forward') && row.state === 'marked' && isOfProvider(bureau, row)) {
    await stepWith(bureau, client, row, { kind: 'forward' }, byClock);
  }
  if (what.length > 0) bureau.log.warn({ event: 'dispute_overdue', dispute: row.id, did: what });
  const after = await lockDispute(client, row.id);
  if (after !== undefined) await setDue(client, after, laterDue(after, nowMs));
}

/** What a bureau reports itself, it asks nobody about. */
const isOfProvider = ({ me }: Handling, { provider }: DisputeRow): boolean =>
  provider !== null && provider !== me;

/** The next clock that has not run out yet: of those that have, everybody was told. */
function laterDue(row: DisputeRow, nowMs: number): number | null {
  const running = dossierOf(row).clocks.filter(
    ({ dueMs, metMs, stoppedMs }) => metMs === undefined && stoppedMs === undefined && dueMs > nowMs,
  );
  return running.reduce<number | null>((due, { dueMs }) => Math.min(due ?? dueMs, dueMs), null);
}
