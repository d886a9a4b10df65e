import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type pg from 'pg';

/** Texts beyond this many are sent as they are: a text that varies must not fill the server's memory. */
const textsMax = 500;
const names = new Map<string, string>();

/**
 * The pool as the query builder uses it, with each statement that takes values named after its text:
 * PostgreSQL parses it once per connection, and mostly plans it once, instead of at every call.
 */
export function preparingPool(pool: pg.Pool): PostgresPool {
  const known = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  return {
    options: pool.options,
    end: async () => await pool.end(),
    connect: async () => {
      const client = await pool.connect();
      const preparing = known.get(client) ?? preparingClient(client);
      known.set(client, preparing);
      return preparing;
    },
  };
}

function preparingClient(client: pg.PoolClient): PostgresPoolClient {
  function query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  function query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  function query(asked: string | object, values: readonly unknown[] = []): unknown {
    if (typeof asked !== 'string') throw new RangeError('cursors are not used here');
    const name = values.length > 0 ? nameOf(asked) : undefined;
    return client.query({ text: asked, values: [...values], ...(name === undefined ? {} : { name }) });
  }
  return { query, release: (destroy) => client.release(destroy) };
}

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= textsMax) return known;
  const name = `s${names.size}`;
  names.set(text, name);
  return name;
}
