import type { Clock } from '@causeway/kernel';
import type { LifeRules } from '@causeway/records/life/index';
import type { Log } from '@causeway/service';
import type pg from 'pg';

import { bury } from '../store/bury.ts';
import { inTransaction } from '../store/in-transaction.ts';
import type { StampedRow } from './restamp.ts';
import { keyOf, stampedColumns, stampRow, writeStamps } from './restamp.ts';

/** Rows of one step, which is one transaction. */
const stepRows = 200;

interface Sweeping {
  readonly clock: Clock;
  readonly life: () => LifeRules;
  readonly log: Log;
  readonly pool: pg.Pool;
}

/** What a run has done. */
export interface Swept {
  readonly buried: number;
  readonly restamped: number;
}

const claim = `SELECT ${stampedColumns} FROM record AS held JOIN subject USING (subject_ref)
  WHERE held.due_ms <= $1 ORDER BY held.due_ms LIMIT ${stepRows} FOR UPDATE OF held SKIP LOCKED`;

/**
 * Looks at every record whose time has come: what is to be deleted becomes a tombstone, of any other it is
 * said anew how it is shown and when to look again. All that was missed is caught up in steps. Several
 * processes share the work, since what one holds the others pass over. Nothing that is read depends on it.
 */
export async function sweepRecords(parts: Sweeping, signal?: AbortSignal): Promise<Swept> {
  const total = { buried: 0, restamped: 0 };
  for (;;) {
    const { buried, restamped } = await sweepStep(parts);
    total.buried += buried;
    total.restamped += restamped;
    if (buried + restamped < stepRows || signal?.aborted === true) break;
  }
  if (total.buried + total.restamped > 0) parts.log.info({ event: 'records_swept', ...total });
  return total;
}

async function sweepStep({ clock, life, pool }: Sweeping): Promise<Swept> {
  const [nowMs, rules] = [clock.now(), life()];
  return await inTransaction(pool, async (client) => {
    const due = await client.query<StampedRow>({ name: 'claim_due', text: claim, values: [nowMs] });
    const stamped = due.rows.map((row) => stampRow(row, rules, nowMs));
    const burials = stamped.flatMap(({ row, stamp: { over } }) =>
      over ? [{ key: keyOf(row), rule: over.rule, asOf: row.as_of }] : [],
    );
    const staying = stamped.filter(({ stamp }) => stamp.over === undefined);
    await bury(client, burials, nowMs);
    await writeStamps(client, staying);
    // A crash before the COMMIT is answered leaves the step done or due: the next run finds it again.
    return { buried: burials.length, restamped: staying.length };
  });
}
