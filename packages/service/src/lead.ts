import type pg from 'pg';

/** Which of the replicas does the work. */
export interface Lead {
  /** True while this process holds the lock; tries to take it where it does not. */
  held(): Promise<boolean>;
  release(): void;
}

/**
 * One of the replicas, by an advisory lock of a connection that is kept: a crash releases it with the
 * connection. No transaction is open meanwhile. `lock` is a number of the database's own. `held` throws what
 * the pool throws, and the lock is free then.
 */
export function openLead(pool: pg.Pool, lock: number): Lead {
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
          lock,
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
