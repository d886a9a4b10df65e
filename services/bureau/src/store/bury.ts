import type pg from 'pg';

import type { RecordKey } from './record-key.ts';
import { keyColumns } from './record-key.ts';

/** A record to be deleted: the rule that says so, and the day of which it does. */
export interface Burial {
  readonly key: RecordKey;
  readonly rule: string;
  readonly asOf: string;
}

/**
 * Deletes records with all their versions and marks, and leaves a tombstone of each version: one statement
 * of the database, the only one by which a body can go. Keys without a record are passed over. Returns how
 * many went.
 */
export async function bury(
  client: pg.PoolClient,
  burials: readonly Burial[],
  nowMs: number,
): Promise<number> {
  if (burials.length === 0) return 0;
  const columns = [
    ...keyColumns(burials.map(({ key }) => key)),
    burials.map(({ rule }) => rule),
    burials.map(({ asOf }) => asOf),
  ];
  const { rows } = await client.query<{ gone: number }>('SELECT bury($1, $2, $3, $4, $5, $6) AS gone', [
    ...columns,
    nowMs,
  ]);
  return rows[0]?.gone ?? 0;
}
