import { hotQuery } from '@causeway/service';
import type pg from 'pg';

import type { SeenCheckpoint } from './judgement.ts';

const readSeenRow = {
  name: 'witness_seen',
  text: 'SELECT size, root, note FROM witnessed WHERE origin = $1',
};

/** The newest checkpoint of this origin that any process of this node has cosigned. */
export async function readSeen(pool: pg.Pool, origin: string): Promise<SeenCheckpoint | undefined> {
  const [row] = await hotQuery<{ size: number; root: Buffer; note: string }>(pool, readSeenRow, [origin]);
  return row;
}

const insertFirst = {
  name: 'witness_first',
  text: `INSERT INTO witnessed (origin, size, root, note, at_ms) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (origin) DO NOTHING RETURNING origin`,
};

const replaceSeen = {
  name: 'witness_next',
  text: `UPDATE witnessed SET size = $2, root = $3, note = $4, at_ms = $5
    WHERE origin = $1 AND size = $6 AND root = $7 RETURNING origin`,
};

/**
 * Keeps `next` as the newest checkpoint of the origin if `seen` still is: false where another process was
 * faster. A crash after it leaves a checkpoint that counts as cosigned; its ledger asks again from that size.
 */
export async function swapSeen(
  pool: pg.Pool,
  origin: string,
  seen: SeenCheckpoint | undefined,
  next: SeenCheckpoint & { readonly atMs: number },
): Promise<boolean> {
  const values = [origin, next.size, next.root, next.note, next.atMs];
  const written =
    seen === undefined
      ? await hotQuery(pool, insertFirst, values)
      : await hotQuery(pool, replaceSeen, [...values, seen.size, seen.root]);
  return written.length === 1;
}
