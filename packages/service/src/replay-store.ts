import type { Clock } from '@causeway/kernel';
import type pg from 'pg';

/** Remembers keys that may be used once. */
export interface ReplayStore {
  /** True for exactly one caller per key, however many ask at once, until `expiresAtMs`. */
  once(key: string, expiresAtMs: number): Promise<boolean>;
  /** Forgets the keys that have expired; whoever presents one later fails on its time. */
  purge(): Promise<void>;
}

/** The store in table `replay_seen`: the unique index decides, so it holds across replicas and restarts. */
export function createReplayStore(pool: pg.Pool, clock: Clock): ReplayStore {
  return {
    once: async (key, expiresAtMs) => {
      // A crash after this line leaves the key spent and its request unanswered: the caller comes with a new
      // proof.
      const result = await pool.query({
        name: 'replay_once',
        text: 'INSERT INTO replay_seen (key, expires_at_ms) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING',
        values: [key, Math.ceil(expiresAtMs)],
      });
      return result.rowCount === 1;
    },
    purge: async () => {
      await pool.query('DELETE FROM replay_seen WHERE expires_at_ms < $1', [clock.now()]);
    },
  };
}
