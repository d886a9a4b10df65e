import {
  appendLeaves,
  consistencyNodes,
  consistencyProof,
  entryOf,
  frontierNodes,
  frontierOf,
  leafHash,
  rootOf,
} from '@causeway/ledger';
import type { Frontier, NodeId, ReadNode } from '@causeway/ledger';
import { assert } from '@causeway/kernel';
import { hotQuery } from '@causeway/service';
import type pg from 'pg';

/** A checkpoint that this node has signed of its own ledger. */
export interface OwnCheckpoint {
  readonly size: number;
  readonly root: Uint8Array;
  readonly note: string;
  readonly at_ms: number;
}

/** What cosigning needs of the node's own ledger, as it stands in the database now. */
export interface OwnTree {
  /** The newest checkpoint, if any has been signed. */
  newest(): Promise<OwnCheckpoint | undefined>;
  /** When the oldest checkpoint above a size was signed, milliseconds since the epoch. */
  signedAfter(size: number): Promise<number | undefined>;
  /** The root over the first leaves that are placed, signed or not; undefined where there are not so many. */
  rootAt(size: number): Promise<Uint8Array | undefined>;
  /** The consistency proof between two sizes at or below the newest checkpoint's. */
  proof(oldSize: number, newSize: number): Promise<Uint8Array[]>;
}

/** Fetches these nodes of the tree of so many leaves, which a checkpoint covers. */
export type FetchNodes = (size: number, nodes: readonly NodeId[]) => Promise<ReadNode>;

const newestRow = {
  name: 'own_newest_checkpoint',
  text: 'SELECT size, root, note, at_ms FROM ledger_checkpoint ORDER BY size DESC LIMIT 1',
};
const signedRow = {
  name: 'checkpoint_after',
  text: 'SELECT at_ms FROM ledger_checkpoint WHERE size > $1 ORDER BY size LIMIT 1',
};
const leavesFrom = {
  name: 'leaves_placed_from',
  text: 'SELECT digest FROM leaf WHERE idx >= $1 AND idx < $2 ORDER BY idx',
};
const leavesAtOnceMax = 1000;

/** The ledger behind a pool; `fetchNodes` reads its tiles. */
export function ownTree(pool: pg.Pool, fetchNodes: FetchNodes): OwnTree {
  const newest = async (): Promise<OwnCheckpoint | undefined> => {
    const [row] = await hotQuery<OwnCheckpoint & { root: Buffer }>(pool, newestRow, []);
    return row;
  };
  return {
    newest,
    signedAfter: async (size) => (await hotQuery<{ at_ms: number }>(pool, signedRow, [size]))[0]?.at_ms,
    rootAt: async (size) => {
      const integrated = (await newest())?.size ?? 0;
      const frontier = await frontierAt(fetchNodes, Math.min(size, integrated));
      const whole = await withLeaves(pool, frontier, size);
      return whole === undefined ? undefined : rootOf(whole);
    },
    proof: async (oldSize, newSize) =>
      consistencyProof(oldSize, newSize, await fetchNodes(newSize, consistencyNodes(oldSize, newSize))),
  };
}

async function frontierAt(fetchNodes: FetchNodes, size: number): Promise<Frontier> {
  const nodes = frontierNodes(size);
  const read = await fetchNodes(size, nodes);
  const peaks = nodes.map(({ level, index }) => {
    const hash = read(level, index);
    assert(hash, 'an integrated tree has all nodes of its frontier');
    return hash;
  });
  return frontierOf(size, peaks);
}

const lastLeaf = { name: 'leaf_at', text: 'SELECT FROM leaf WHERE idx = $1' };

/** With the leaves that are placed behind it, up to a size; undefined where there are fewer. */
async function withLeaves(pool: pg.Pool, from: Frontier, size: number): Promise<Frontier | undefined> {
  let frontier = from;
  if (size > from.size && (await hotQuery(pool, lastLeaf, [size - 1])).length === 0) return undefined;
  while (frontier.size < size) {
    const to = Math.min(size, frontier.size + leavesAtOnceMax);
    const rows = await hotQuery<{ digest: string }>(pool, leavesFrom, [frontier.size, to]);
    if (rows.length < to - frontier.size) return undefined;
    frontier = appendLeaves(
      frontier,
      rows.map(({ digest }) => leafHash(entryOf(digest))),
    ).frontier;
  }
  return frontier;
}
