import type pg from 'pg';

/** One of the few statements on the path of every inquiry: named, so that PostgreSQL parses it once. */
export interface HotStatement {
  readonly name: string;
  readonly text: string;
}

declare const open: unique symbol;

/** A transaction under way on a connection of its own. Made by `hotTransaction` only. */
export interface HotTransaction {
  readonly [open]: true;
  /** Runs one statement and returns its rows. */
  query<R extends pg.QueryResultRow>(statement: HotStatement, values: readonly unknown[]): Promise<R[]>;
}

/**
 * Runs `work` in one transaction without the query builder: all of it is durable when this returns, none of
 * it when it throws. For hot statements; everything else uses `transaction`.
 */
export async function hotTransaction<T>(
  pool: pg.Pool,
  work: (trx: HotTransaction) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let usable = true;
  try {
    await client.query('BEGIN');
    const value = await work(on(client));
    await client.query('COMMIT');
    // A crash before the COMMIT is answered: nobody knows, and the caller comes again under its once key.
    return value;
  } catch (error) {
    usable = await client.query('ROLLBACK').then(
      () => true,
      () => false,
    );
    throw error;
  } finally {
    client.release(!usable);
  }
}

/** One hot statement by itself, which is its own transaction. */
export async function hotQuery<R extends pg.QueryResultRow>(
  pool: pg.Pool,
  statement: HotStatement,
  values: readonly unknown[],
): Promise<R[]> {
  const { rows } = await pool.query<R>({ ...statement, values: [...values] });
  return rows;
}

function on(client: pg.PoolClient): HotTransaction {
  const query = async <R extends pg.QueryResultRow>(
    statement: HotStatement,
    values: readonly unknown[],
  ): Promise<R[]> => (await client.query<R>({ ...statement, values: [...values] })).rows;
  return { query } as HotTransaction;
}
