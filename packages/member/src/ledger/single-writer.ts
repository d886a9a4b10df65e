import type pg from 'pg';

/** Any number that all services of the code agree on; locks are per database. */
const writerLock = 0x6c656166;

/** `now`: only if nobody writes. `waiting`: behind who does. */
export type Turn = 'now' | 'waiting';

/** A plan that was made while the ledger was small must not read all of it when it has grown. */
const begin = 'BEGIN; SET LOCAL enable_seqscan = off';

const begins: Readonly<Record<Turn, string>> = {
  now: `${begin}; SELECT pg_try_advisory_xact_lock(${writerLock}) AS mine`,
  waiting: `${begin}; SELECT pg_advisory_xact_lock(${writerLock}) IS NOT NULL AS mine`,
};

/**
 * Runs `work` in one transaction as the single writer of the database's ledger: by an advisory lock that a
 * crash releases with its connection. Undefined where somebody else writes now. Throws what `work` throws;
 * then nothing is written. Beginning and locking are one round trip: a tree has to grow also where the node
 * is busy, and each wait is behind everything else that it does.
 */
export async function asSingleWriter<T>(
  pool: pg.Pool,
  turn: Turn,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T | undefined> {
  const client = await pool.connect();
  let broken: unknown;
  try {
    const done = (await isMine(client, turn)) ? await work(client) : undefined;
    await client.query('COMMIT');
    // A crash before the COMMIT is answered leaves all that `work` wrote, or nothing.
    return done;
  } catch (error) {
    broken = error;
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release(broken instanceof Error);
  }
}

async function isMine(client: pg.PoolClient, turn: Turn): Promise<boolean> {
  // The statements of one message come back as so many results.
  const results = (await client.query(begins[turn])) as unknown as pg.QueryResult<{ mine: boolean }>[];
  return results.at(-1)?.rows[0]?.mine === true;
}
