import type { Clock } from '@causeway/kernel';
import type pg from 'pg';

import { GroupCommit } from './group-commit.ts';
import { hotQuery, type HotStatement } from './hot-transaction.ts';
import { isStoreAway } from './store-away.ts';

/** Remembers keys that may be used once. */
export interface ReplayStore {
  /** True for exactly one caller per key, however many ask at once, until `expiresAtMs`. */
  once(key: string, expiresAtMs: number): Promise<boolean>;
  /** Forgets the keys that have expired; whoever presents one later fails on its time. */
  purge(): Promise<void>;
}

const spend: HotStatement = {
  name: 'replay_once',
  text: `INSERT INTO replay_seen (key, expires_at_ms)
    SELECT * FROM unnest($1::text[], $2::bigint[]) AS asked (key, expires_at_ms) ORDER BY key
    ON CONFLICT (key) DO NOTHING RETURNING key`,
};

const bounds = { itemsMax: 64, waitingMax: 5000 } as const;

interface Spent {
  readonly key: string;
  readonly expiresAtMs: number;
}

/** The store in table `replay_seen`: the unique index decides, so it holds across replicas and restarts. */
export function createReplayStore(pool: pg.Pool, clock: Clock): ReplayStore {
  const spending = new GroupCommit<Spent, boolean>({
    run: async (items) => {
      const keys = items.map(({ key }) => key);
      const ends = items.map(({ expiresAtMs }) => Math.ceil(expiresAtMs));
      // In one order everywhere, so that two processes that meet in the same keys do not wait in a ring.
      const rows = await hotQuery<{ key: string }>(pool, spend, [keys, ends]);
      const first = new Set(rows.map(({ key }) => key));
      // A crash here leaves the keys spent and their requests unanswered: the callers come with new proofs.
      return keys.map((key) => ({ value: first.has(key) }));
    },
    keyOf: ({ key }) => key,
    isCommon: isStoreAway,
    ...bounds,
  });
  return {
    once: async (key, expiresAtMs) => await spending.submit({ key, expiresAtMs }),
    purge: async () => {
      await pool.query('DELETE FROM replay_seen WHERE expires_at_ms < $1', [clock.now()]);
    },
  };
}
