import { Kysely, PostgresDialect } from 'kysely';
import type { Transaction } from 'kysely';
import pg from 'pg';

import { BoundedPool } from './database-pool.ts';
import type { Log } from './log.ts';
import { preparingPool } from './prepared.ts';

export interface Database<DB> {
  /** For the few hot statements that are named and prepared. */
  readonly pool: pg.Pool;
  readonly db: Kysely<DB>;
  close(): Promise<void>;
}

/** An integer column as a number: refuses to round rather than hand out another number. */
function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('an int8 column is beyond the safe integers');
  return value;
}

/**
 * Statements are keyed reads and writes, of one row or of a batch: a plan does not depend on the values, and
 * planning one over partitions anew costs more than running it. A plan made while a table is nearly empty is
 * kept, so it must be the one by index, which is right at any size.
 */
const planning = [
  'plan_cache_mode=force_generic_plan',
  ...['enable_seqscan=off', 'enable_hashjoin=off', 'enable_mergejoin=off'],
]
  .map((setting) => `-c ${setting}`)
  .join(' ');

/** Per pool, so that no other user of pg in the process is changed: int8 a safe number, DATE its text. */
function columnTypes(): pg.TypeOverrides {
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, safeInteger);
  types.setTypeParser(pg.types.builtins.DATE, (text) => text);
  return types;
}

/**
 * A bounded pool and its query builder. `int8` is read as a safe number, `date` as 'YYYY-MM-DD', `numeric` as
 * text, `timestamptz` as Date. `name` shows in pg_stat_activity.
 */
export function createDatabase<DB>(options: {
  url: string;
  name: string;
  max?: number;
  log: Log;
}): Database<DB> {
  const pool = new BoundedPool({
    connectionString: options.url,
    application_name: options.name,
    max: options.max ?? 10,
    connectionTimeoutMillis: 5000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 30_000,
    // A process that stands still gives its locks back before a stop that waits for them must answer.
    idle_in_transaction_session_timeout: 10_000,
    types: columnTypes(),
    options: planning,
  });
  surviveLostConnections(pool, options.log);
  const db = new Kysely<DB>({ dialect: new PostgresDialect({ pool: preparingPool(pool) }) });
  return { pool, db, close: async () => await db.destroy() };
}

/**
 * A connection that the server ends raises 'error' on the pool while it is idle, and on the client while it
 * is in use, beside failing the query. Without listeners each would end the process.
 */
export function surviveLostConnections(pool: pg.Pool, log: Log): void {
  const report = (err: Error): void => log.warn({ event: 'database_connection_lost', err });
  pool.on('error', report);
  pool.on('connect', (client) => client.on('error', report));
}

/** Runs `work` in one transaction: all of it is durable when this returns, none of it when it throws. */
export async function transaction<DB, T>(
  db: Kysely<DB>,
  work: (trx: Transaction<DB>) => Promise<T>,
): Promise<T> {
  return await db.transaction().execute(work);
}
