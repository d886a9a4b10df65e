import { hotQuery } from '@causeway/service';
import type pg from 'pg';

/** Evidence that a ledger is not what it was: signed notes that contradict one another. */
export interface LedgerAlarm {
  /** `split_view`: two trees of one origin. `rollback`: a node has less than was witnessed of it. */
  readonly kind: 'split_view' | 'rollback';
  readonly origin: string;
  readonly detail: Readonly<Record<string, string | number | null>>;
}

const insertAlarm = {
  name: 'ledger_alarm',
  text: `INSERT INTO ledger_alarm (at_ms, kind, origin, detail)
    SELECT $1::bigint, $2::text, $3::text, $4::jsonb
    WHERE NOT EXISTS (SELECT FROM ledger_alarm WHERE kind = $2 AND origin = $3 AND detail = $4::jsonb)
    RETURNING id`,
};

/** Keeps the evidence, the same once. True where it is new. */
export async function raiseAlarm(pool: pg.Pool, alarm: LedgerAlarm, atMs: number): Promise<boolean> {
  const values = [atMs, alarm.kind, alarm.origin, JSON.stringify(alarm.detail)];
  return (await hotQuery(pool, insertAlarm, values)).length === 1;
}
