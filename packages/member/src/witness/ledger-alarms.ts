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
    WHERE NOT EXISTS (
      SELECT FROM ledger_alarm a WHERE a.kind = $2 AND a.origin = $3 AND a.detail = $4::jsonb
        AND NOT EXISTS (SELECT FROM ledger_alarm_closed WHERE alarm = a.id))
    RETURNING id`,
};

/** Keeps the evidence, the same once while it is open. True where it is new. */
export async function raiseAlarm(pool: pg.Pool, alarm: LedgerAlarm, atMs: number): Promise<boolean> {
  const values = [atMs, alarm.kind, alarm.origin, JSON.stringify(alarm.detail)];
  return (await hotQuery(pool, insertAlarm, values)).length === 1;
}

/** An alarm that nobody has closed. */
export interface OpenAlarm {
  readonly id: number;
  readonly detail: LedgerAlarm['detail'];
}

const openRows = {
  name: 'open_ledger_alarms',
  text: `SELECT id, detail FROM ledger_alarm WHERE kind = $1 AND origin = $2
    AND NOT EXISTS (SELECT FROM ledger_alarm_closed WHERE alarm = id) ORDER BY id`,
};

/** What is open of a kind about a ledger, the oldest first. */
export async function openAlarms(
  pool: pg.Pool,
  { kind, origin }: Pick<LedgerAlarm, 'kind' | 'origin'>,
): Promise<OpenAlarm[]> {
  return await hotQuery<{ id: number; detail: LedgerAlarm['detail'] }>(pool, openRows, [kind, origin]);
}

const closeRow = {
  name: 'close_ledger_alarm',
  text: 'INSERT INTO ledger_alarm_closed (alarm, at_ms, reason) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
};

/** Closes an alarm by a row beside it; the evidence stays. A crash before it leaves it open. */
export async function closeAlarm(pool: pg.Pool, id: number, atMs: number, reason: string): Promise<void> {
  await hotQuery(pool, closeRow, [id, atMs, reason]);
}
