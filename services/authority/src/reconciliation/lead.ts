import type pg from 'pg';

/** Who of the replicas does the work. */
export interface Lead {
  /** True while this process holds the lock; tries to take it where it does not. Throws what the pool throws. */
  held(): Promise<boolean>;
  release(): void;
}

/** Any number that all services of the code agree on; locks are per database. */
const reconcilerLock = 0x7265636f;

/**
 * One of the replicas, by an advisory lock of a connection that is kept: a crash releases it with the
 * connection. No transaction is open meanwhile.
 */
export function openLead(pool: pg.Pool): Lead {
  let client: pg.PoolClient | undefined;
  const release = (): void => {
    client?.release(true);
    client = undefined;
  };
  return {
    held: async () => {
      try {
        if (client !== undefined) {
          await client.query('SELECT 1');
          return true;
        }
        client = await pool.connect();
        const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [
          reconcilerLock,
        ]);
        if (rows[0]?.mine === true) return true;
        client.release();
        client = undefined;
        return false;
      } catch (error) {
        release();
        throw error;
      }
    },
    release,
  };
}
