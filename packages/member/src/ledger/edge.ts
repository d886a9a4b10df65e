import { assert } from '@causeway/kernel';
import { appendLeaves, frontierNodes, frontierOf, nodeInTile, tileOfNode } from '@causeway/ledger';
import type { Frontier } from '@causeway/ledger';

import { readTiles } from './tile-rows.ts';
import type { HashTile, Queryable } from './tile-rows.ts';

/** A tile that has become full, with the hash over it. */
export interface FullTile {
  readonly level: number;
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly root: Uint8Array;
}

/** The right edge of a tree: all that appending needs, the same at any size. */
export interface Edge {
  readonly frontier: Frontier;
  /** The hashes of the open tile at each level of tiles, fewer than 256 each. */
  readonly open: readonly (readonly Uint8Array[])[];
}

export const emptyEdge: Edge = { frontier: frontierOf(0, []), open: [] };

const tileWidth = 256;
const tileHeight = 8;
const hashBytes = 32;

/**
 * Appends leaves, given by the hashes of their entries, and says which tiles became full, the lower first.
 */
export function growEdge(edge: Edge, leaves: readonly Uint8Array[]): { edge: Edge; full: FullTile[] } {
  const { frontier, nodes } = appendLeaves(edge.frontier, leaves);
  const open = edge.open.map((hashes) => [...hashes]);
  const full: FullTile[] = [];
  for (const { level, index, hash } of nodes) {
    if (level % tileHeight !== 0) continue;
    const tileLevel = level / tileHeight;
    // A node of this level is the hash over the tile below, which has just become full.
    const below = tileLevel > 0 ? open[tileLevel - 1] : undefined;
    if (below !== undefined) {
      assert(below.length === tileWidth, 'a hash over a tile is of a full one');
      full.push({ level: tileLevel - 1, index, bytes: joined(below), root: hash });
      open[tileLevel - 1] = [];
    }
    (open[tileLevel] ??= []).push(hash);
  }
  return { edge: { frontier, open }, full };
}

/** Reads the edge of the tree of `size` leaves, whose full tiles are stored, in one statement. */
export async function readEdge(db: Queryable, size: number): Promise<Edge> {
  const tiles = openTiles(size);
  const bytes = await readTiles(db, tiles);
  const open: Uint8Array[][] = [];
  for (const [at, { level }] of tiles.entries()) open[level] = split(bytes[at] ?? new Uint8Array());
  const peaks = frontierNodes(size).map((id) => {
    const tile = tileOfNode(id, size);
    const at = tiles.findIndex(({ level }) => level === tile.level);
    return nodeInTile(tile, bytes[at] ?? new Uint8Array(), id);
  });
  return { frontier: frontierOf(size, peaks), open: Array.from(open, (hashes) => hashes ?? []) };
}

/** The tile at each level that is begun and not full. */
function openTiles(size: number): HashTile[] {
  const tiles: HashTile[] = [];
  for (let [level, hashes] = [0, size]; hashes > 0; level += 1) {
    const width = hashes % tileWidth;
    const index = Math.floor(hashes / tileWidth);
    if (width > 0) tiles.push({ level, index, width });
    hashes = index;
  }
  return tiles;
}

function joined(hashes: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(hashes.length * hashBytes);
  for (const [at, hash] of hashes.entries()) bytes.set(hash, at * hashBytes);
  return bytes;
}

const split = (bytes: Uint8Array): Uint8Array[] =>
  Array.from({ length: bytes.length / hashBytes }, (_, at) =>
    bytes.slice(at * hashBytes, (at + 1) * hashBytes),
  );
