import { assert } from '@causeway/kernel';

import { concat } from './bytes.ts';
import { appendLeaves, frontierOf } from './frontier.ts';
import type { Frontier } from './frontier.ts';
import { tileWidth } from './tile.ts';
import type { Tile } from './tile.ts';

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

/** A tile of hashes; entries are no hashes. */
export interface HashTile extends Tile {
  readonly level: number;
}

export const emptyEdge: Edge = { frontier: frontierOf(0, []), open: [] };

const tileHeight = 8;

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
      full.push({ level: tileLevel - 1, index, bytes: concat(...below), root: hash });
      open[tileLevel - 1] = [];
    }
    (open[tileLevel] ??= []).push(hash);
  }
  return { edge: { frontier, open }, full };
}

/** The tile at each level that is begun and not full. */
export function openTiles(size: number): HashTile[] {
  const tiles: HashTile[] = [];
  for (let [level, hashes] = [0, size]; hashes > 0; level += 1) {
    const width = hashes % tileWidth;
    const index = Math.floor(hashes / tileWidth);
    if (width > 0) tiles.push({ level, index, width });
    hashes = index;
  }
  return tiles;
}
