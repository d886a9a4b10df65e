import { frontierNodes, frontierOf, nodeInTile, openTiles, tileHashes, tileOfNode } from '@causeway/ledger';
import type { Edge } from '@causeway/ledger';

import { readTiles } from './tile-rows.ts';
import type { Queryable } from './tile-rows.ts';

/** Reads the edge of the tree of `size` leaves, whose full tiles are stored, in one statement. */
export async function readEdge(db: Queryable, size: number): Promise<Edge> {
  const tiles = openTiles(size);
  const bytes = await readTiles(db, tiles);
  const open: Uint8Array[][] = [];
  for (const [at, { level }] of tiles.entries()) open[level] = tileHashes(bytes[at] ?? new Uint8Array());
  const peaks = frontierNodes(size).map((id) => {
    const tile = tileOfNode(id, size);
    const at = tiles.findIndex(({ level }) => level === tile.level);
    return nodeInTile(tile, bytes[at] ?? new Uint8Array(), id);
  });
  return { frontier: frontierOf(size, peaks), open: Array.from(open, (hashes) => hashes ?? []) };
}
