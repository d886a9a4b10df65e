import type pg from 'pg';

/** Any number that all services of the code agree on; locks are per database. */
const writerLock = 0x6c656166;

/**
 * Makes this transaction the single writer of the database's ledger, if nobody is: by an advisory lock that a
 * crash releases with its connection.
 */
export async function isSingleWriter(client: pg.PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ mine: boolean }>({
    name: 'sequencer_lock',
    text: 'SELECT pg_try_advisory_xact_lock($1) AS mine',
    values: [writerLock],
  });
  return rows[0]?.mine === true;
}

/** Waits for its turn: the round under way may have begun before what has to be placed. */
export async function becomeSingleWriter(client: pg.PoolClient): Promise<boolean> {
  const wait = { name: 'sequencer_turn', text: 'SELECT pg_advisory_xact_lock($1)', values: [writerLock] };
  return (await client.query(wait)).rowCount === 1;
}
