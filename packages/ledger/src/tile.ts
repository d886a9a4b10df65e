import { assert } from '@causeway/kernel';

import { concat } from './bytes.ts';
import { LedgerError } from './ledger-error.ts';
import { nodeHash } from './tree-hash.ts';
import type { ReadNode } from './tree-proof.ts';
import { isTreeNumber, type NodeId } from './tree-shape.ts';

/** Hashes in a full tile, and entries in a full bundle (C2SP tlog-tiles). */
export const tileWidth = 256;
/** Levels of the tree that one level of tiles spans. */
const tileHeight = 8;
const hashBytes = 32;

/**
 * A tile of hashes at a tile level of 0 to 63, or a bundle of entries. A width below 256 is a partial one.
 */
export interface Tile {
  readonly level: number | 'entries';
  readonly index: number;
  readonly width: number;
}

/**
 * The tiles and entry bundles that a tree has to write when it grows: all that are new, or wider than they
 * were, in their width at the new size. Bundles come first, then levels upwards.
 */
export function grownTiles(oldSize: number, newSize: number): Tile[] {
  assert(isTreeNumber(oldSize) && isTreeNumber(newSize) && oldSize <= newSize, 'a tree does not shrink');
  const tiles: Tile[] = grownAt('entries', oldSize, newSize);
  let before = oldSize;
  let after = newSize;
  for (let level = 0; after > 0; level += 1) {
    tiles.push(...grownAt(level, before, after));
    before = Math.floor(before / tileWidth);
    after = Math.floor(after / tileWidth);
  }
  return tiles;
}

/** The nodes that are a tile's hashes: `count` of them at one level of the tree, from one index on. */
export function tileNodes({ level, index, width }: Tile): { level: number; from: number; count: number } {
  return { level: level === 'entries' ? 0 : level * tileHeight, from: index * tileWidth, count: width };
}

/** The bytes of a tile of hashes. The caller has fetched its `tileNodes`. */
export function tileBytes(tile: Tile, read: ReadNode): Uint8Array {
  assert(tile.level !== 'entries', 'a bundle holds entries, not hashes');
  const { level, from, count } = tileNodes(tile);
  const hashes = Array.from({ length: count }, (_, at) => {
    const hash = read(level, from + at);
    assert(hash?.length === hashBytes, 'the caller has fetched all nodes of the tile');
    return hash;
  });
  return concat(...hashes);
}

/** Which tile holds a node, in its width in a tree of `size` leaves that has the node. */
export function tileOfNode({ level, index }: NodeId, size: number): Tile {
  const tileLevel = Math.floor(level / tileHeight);
  const span = 2 ** (level % tileHeight);
  const tileIndex = Math.floor((index * span) / tileWidth);
  const hashes = Math.floor(size / tileWidth ** tileLevel);
  const width = Math.min(tileWidth, hashes - tileIndex * tileWidth);
  assert(width > 0 && (index + 1) * span - tileIndex * tileWidth <= width, 'the tree has the node');
  return { level: tileLevel, index: tileIndex, width };
}

/**
 * The hash of a node out of its tile's bytes; nodes between the levels of tiles are hashed from them. Throws
 * `malformed` where the bytes are not as long as the tile is wide.
 */
export function nodeInTile(tile: Tile, bytes: Uint8Array, id: NodeId): Uint8Array {
  return nodesInTile(tile, bytes)(id);
}

/** As `nodeInTile`, for many nodes of one tile: each is hashed once, however many proofs need it. */
export function nodesInTile(tile: Tile, bytes: Uint8Array): (id: NodeId) => Uint8Array {
  if (bytes.length !== tile.width * hashBytes) {
    throw new LedgerError('malformed', 'A tile has 32 bytes for each of its hashes.');
  }
  const hashed = new Map<number, Uint8Array>();
  const hashOf = (first: number, span: number): Uint8Array => {
    if (span === 1) return hashAt(bytes, first);
    // Nodes of a tile as in a heap: no two have the same number.
    const number = (tileWidth + first) / span;
    const known = hashed.get(number);
    if (known !== undefined) return known;
    const half = span / 2;
    const hash = nodeHash(hashOf(first, half), hashOf(first + half, half));
    hashed.set(number, hash);
    return hash;
  };
  return ({ level, index }) => {
    const span = 2 ** (level % tileHeight);
    const first = index * span - tile.index * tileWidth;
    assert(Math.floor(level / tileHeight) === tile.level, 'the node is of the tile level');
    assert(first >= 0 && first + span <= tile.width, 'the node is in the tile');
    return hashOf(first, span);
  };
}

/** The bytes of an entry bundle: each entry after its length as a big-endian uint16. */
export function bundleBytes(entries: readonly Uint8Array[]): Uint8Array {
  const parts = entries.flatMap((entry) => {
    assert(entry.length < 2 ** 16, 'an entry has fewer than 2^16 bytes');
    return [Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry];
  });
  return concat(...parts);
}

/** The entries of a bundle that is `width` wide. Throws `malformed` unless the bytes are exactly so many. */
export function bundleEntries(bytes: Uint8Array, width: number): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length && entries.length < width) {
    const end = at + 2 + (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
    if (at + 2 > bytes.length || end > bytes.length) throw new LedgerError('malformed');
    entries.push(bytes.slice(at + 2, end));
    at = end;
  }
  if (at !== bytes.length || entries.length !== width) {
    throw new LedgerError('malformed', 'An entry bundle holds as many entries as its width says.');
  }
  return entries;
}

/** At one level of tiles: what grew from `before` to `after` hashes. */
function grownAt(level: Tile['level'], before: number, after: number): Tile[] {
  const tiles: Tile[] = [];
  if (before === after) return tiles;
  for (let index = Math.floor(before / tileWidth); index * tileWidth < after; index += 1) {
    tiles.push({ level, index, width: Math.min(tileWidth, after - index * tileWidth) });
  }
  return tiles;
}

function hashAt(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.slice(at * hashBytes, (at + 1) * hashBytes);
}
