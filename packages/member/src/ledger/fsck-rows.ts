import { LedgerError, entryOf, leafHash } from '@causeway/ledger';
import type { LedgerReader, StoredCheckpoint, StoredTile, Stretch } from '@causeway/ledger';

import type { Queryable } from './tile-rows.ts';

interface TileRow extends StoredTile {
  readonly level: number;
  readonly idx: number;
}

/** Reads a ledger from its node's database. */
export const databaseReader = (db: Queryable): LedgerReader => ({
  sizes: async () => await readSizes(db),
  stretch: async (first, past) => await readStretch(db, first, past),
  tile: async (level, idx) => await readTile(db, level, idx),
});

/** Reads `past - first` leaves, the tiles over them, and the checkpoints that end among them. */
async function readStretch(db: Queryable, first: number, past: number): Promise<Stretch> {
  const leaves: (Uint8Array | undefined)[] = Array.from({ length: past - first });
  const placed = await db.query<{ idx: number; digest: string }>(
    'SELECT idx, digest FROM leaf WHERE idx >= $1 AND idx < $2',
    [first, past],
  );
  for (const { idx, digest } of placed.rows) leaves[idx - first] = hashOf(digest);
  const tiles = await db.query<TileRow>(
    'SELECT level, idx, bytes, root FROM ledger_tile WHERE level = 0 AND idx >= $1 AND idx < $2',
    [Math.floor(first / 256), Math.ceil(past / 256)],
  );
  const checkpoints = await db.query<StoredCheckpoint>(
    `SELECT size, root, note, (
        SELECT COALESCE(jsonb_agg(jsonb_build_object('witness', witness, 'line', line)), '[]')
        FROM ledger_cosignature s WHERE s.size = c.size) AS cosignatures
      FROM ledger_checkpoint c WHERE size > $1 AND size <= $2 ORDER BY size`,
    [first, past],
  );
  return {
    leaves,
    tiles: new Map(tiles.rows.map((row) => [row.idx, row])),
    checkpoints: checkpoints.rows,
  };
}

async function readTile(db: Queryable, level: number, idx: number): Promise<TileRow | undefined> {
  const text = 'SELECT level, idx, bytes, root FROM ledger_tile WHERE level = $1 AND idx = $2';
  return (await db.query<TileRow>(text, [level, idx])).rows[0];
}

/** The sizes that the ledger gives itself. */
async function readSizes(db: Queryable): Promise<{ placed: number; signed: number }> {
  const { rows } = await db.query<{ placed: number; signed: number }>(
    `SELECT size AS placed,
        COALESCE((SELECT size FROM ledger_checkpoint ORDER BY size DESC LIMIT 1), 0) AS signed
      FROM ledger_state`,
  );
  return rows[0] ?? { placed: 0, signed: 0 };
}

/** Indexes of leaves behind the end, a few. */
export async function leavesBeyond(db: Queryable, end: number): Promise<number[]> {
  const text = 'SELECT idx FROM leaf WHERE idx >= $1 OR idx < 0 ORDER BY idx LIMIT 256';
  return (await db.query<{ idx: number }>(text, [end])).rows.map(({ idx }) => idx);
}

/** Tiles that no checkpoint of this size covers, a few. */
export async function tilesBeyond(db: Queryable, size: number): Promise<{ level: number; idx: number }[]> {
  const text = `SELECT level, idx FROM ledger_tile
    WHERE (idx + 1) * 256::numeric ^ (level + 1) > $1 ORDER BY level, idx LIMIT 256`;
  return (await db.query<{ level: number; idx: number }>(text, [size])).rows;
}

/** Digests that stand twice, a few. The index that forbids them is what an owner would take away first. */
export async function doubledDigests(
  db: Queryable,
): Promise<{ digest: string; first: number; last: number }[]> {
  const text = `SELECT digest, min(idx) AS first, max(idx) AS last FROM leaf
    GROUP BY digest HAVING count(*) > 1 LIMIT 256`;
  return (await db.query<{ digest: string; first: number; last: number }>(text)).rows;
}

function hashOf(digest: string): Uint8Array | undefined {
  try {
    return leafHash(entryOf(digest));
  } catch (error) {
    if (error instanceof LedgerError) return undefined;
    throw error;
  }
}
