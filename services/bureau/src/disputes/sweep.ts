import { expiries, isUnderWay } from '@causeway/records/disputes/index';
import type pg from 'pg';

import { inTransaction } from '../store/in-transaction.ts';
import type { DisputeRow } from '../tables.ts';
import { deleteItem } from './end.ts';
import { dueDisputes, lockDispute, setDue } from './repository.ts';
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
    await inTransaction(bureau.pool, async (client) => {
      const row = await lockDispute(client, id);
      if (row !== undefined) await expire(bureau, client, row);
      // A crash before the COMMIT is answered leaves it done or due: the next run finds it again.
    });
  }
  return due.length;
}

async function expire(bureau: Handling, client: pg.PoolClient, row: DisputeRow): Promise<void> {
  const nowMs = bureau.clock.now();
  if (row.due_ms === null || row.due_ms > nowMs) return;
  const dossier = dossierOf(row);
  const what = isUnderWay(dossier) ? expiries(dossier.clocks, nowMs, clocksHere(bureau)) : [];
  if (what.includes('delete')) {
    await deleteItem(bureau, client, row, { kind: 'lapse', outcome: 'deleted' }, byClock);
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
