import { assert } from '@causeway/kernel';
import { entryOf, leafHash, nodesInTile, tileOfNode } from '@causeway/ledger';
import type { HashTile, NodeId, ReadNode } from '@causeway/ledger';
import type pg from 'pg';

/** A pool, or the connection of a transaction. */
export type Queryable = Pick<pg.Pool, 'query'>;

const hashBytes = 32;
const fullWidth = 256;

interface Part {
  readonly kind: 'tile' | 'root' | 'leaf';
  readonly level: number;
  readonly idx: number;
  readonly bytes: Buffer;
}

/**
 * The bytes of tiles that a checkpoint covers, in one statement: full ones as stored; of a partial one each
 * hash is the root of the full tile below it, or of a leaf. Throws an assertion where the tree has them not.
 */
export async function readTiles(db: Queryable, tiles: readonly HashTile[]): Promise<Uint8Array[]> {
  if (tiles.length === 0) return [];
  const full = tiles.filter(({ width }) => width === fullWidth);
  const ranges = tiles.filter(({ width }) => width < fullWidth).map(rangeOf);
  const roots = ranges.filter(({ level }) => level > 0);
  const leaves = ranges.filter(({ level }) => level === 0);
  const { rows } = await db.query<Part>({
    name: 'read_tiles',
    text: `SELECT 'tile' AS kind, t.level, t.idx, t.bytes
        FROM unnest($1::smallint[], $2::bigint[]) AS w (level, idx) JOIN ledger_tile t USING (level, idx)
      UNION ALL SELECT 'root', w.level, t.idx, t.root
        FROM unnest($3::smallint[], $4::bigint[], $5::bigint[]) AS w (level, first, past)
        JOIN ledger_tile t ON t.level = w.level - 1 AND t.idx >= w.first AND t.idx < w.past
      UNION ALL SELECT 'leaf', 0, l.idx, convert_to(l.digest, 'UTF8')
        FROM unnest($6::bigint[], $7::bigint[]) AS w (first, past)
        JOIN leaf l ON l.idx >= w.first AND l.idx < w.past`,
    values: [
      ...[full.map(({ level }) => level), full.map(({ index }) => index)],
      ...[roots.map(({ level }) => level), roots.map(({ first }) => first), roots.map(({ past }) => past)],
      ...[leaves.map(({ first }) => first), leaves.map(({ past }) => past)],
    ],
  });
  const parts = new Map(rows.map((row) => [keyOf(row.kind, row.level, row.idx), row]));
  return tiles.map((tile) => (tile.width === fullWidth ? fullTile(tile, parts) : partialTile(tile, parts)));
}

/**
 * Hashes of nodes of a tree of `size` leaves, which a checkpoint covers, in one statement: for the proofs of
 * @causeway/ledger.
 */
export async function readNodes(db: Queryable, size: number, ids: readonly NodeId[]): Promise<ReadNode> {
  const tiles = new Map<string, HashTile>();
  const tileOf = (id: NodeId): HashTile => {
    const tile = tileOfNode(id, size);
    assert(tile.level !== 'entries', 'a node is in a tile of hashes');
    return { ...tile, level: tile.level };
  };
  for (const tile of ids.map(tileOf)) tiles.set(keyOf('tile', tile.level, tile.index), tile);
  const bytes = await readTiles(db, [...tiles.values()]);
  const held = new Map(
    Array.from(tiles, ([key, tile], at) => [key, nodesInTile(tile, bytes[at] ?? new Uint8Array())] as const),
  );
  return (level, index) => {
    const tile = tileOf({ level, index });
    return held.get(keyOf('tile', tile.level, tile.index))?.({ level, index });
  };
}

/** The entries of leaves, from one index on. Throws an assertion where there are not so many. */
export async function readEntries(db: Queryable, first: number, count: number): Promise<Uint8Array[]> {
  const { rows } = await db.query<{ idx: number; digest: string }>({
    name: 'read_entries',
    text: 'SELECT idx, digest FROM leaf WHERE idx >= $1 AND idx < $2 ORDER BY idx',
    values: [first, first + count],
  });
  const dense = rows.length === count && rows.every(({ idx }, at) => idx === first + at);
  assert(dense, 'the leaves below the size of the tree are dense');
  return rows.map(({ digest }) => entryOf(digest));
}

const keyOf = (kind: Part['kind'], level: number, idx: number): string => `${kind} ${level} ${idx}`;

function rangeOf({ level, index, width }: HashTile): { level: number; first: number; past: number } {
  return { level, first: index * fullWidth, past: index * fullWidth + width };
}

function fullTile({ level, index }: HashTile, parts: ReadonlyMap<string, Part>): Uint8Array {
  const row = parts.get(keyOf('tile', level, index));
  assert(row, 'a full tile is stored before its checkpoint is signed');
  return row.bytes;
}

function partialTile(tile: HashTile, parts: ReadonlyMap<string, Part>): Uint8Array {
  const { first, past } = rangeOf(tile);
  const bytes = new Uint8Array((past - first) * hashBytes);
  for (let at = first; at < past; at += 1) {
    const part = parts.get(keyOf(tile.level === 0 ? 'leaf' : 'root', tile.level, at));
    assert(part, 'what a checkpoint covers is stored');
    const hash = tile.level === 0 ? leafHash(entryOf(part.bytes.toString('utf8'))) : part.bytes;
    bytes.set(hash, (at - first) * hashBytes);
  }
  return bytes;
}
