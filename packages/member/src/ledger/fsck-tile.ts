import { rootOf } from '@causeway/ledger';

import { emptyEdge, growEdge } from './edge.ts';
import type { Edge, FullTile } from './edge.ts';
import type { Findings } from './fsck-findings.ts';
import type { CheckpointRow, TileRow } from './fsck-rows.ts';

const hashBytes = 32;

/** What is wrong with a stored tile whose hashes are known. */
export function tileFault(row: TileRow | undefined, { bytes, root }: FullTile): string | undefined {
  if (row === undefined) return 'is missing';
  const differing = firstDifference(row.bytes, bytes);
  if (differing !== undefined) return `its hash ${differing} is not that of the tree`;
  return row.root.equals(root) ? undefined : 'its root is not that of its hashes';
}

/** The leaves under one tile, with what is stored of them. */
export interface Held {
  readonly start: number;
  readonly leaves: readonly (Uint8Array | undefined)[];
  /** Undefined where no tile is due yet. */
  readonly tile: TileRow | 'missing' | undefined;
  /** The tree before these leaves, where it is known. */
  readonly edge: Edge | undefined;
  /** Those whose signature holds and that end among these leaves. */
  readonly checkpoints: readonly CheckpointRow[];
}

/**
 * The hashes to go on with, after saying what differs. Where leaves and tile contradict each other, the tile
 * is believed if it is sound in itself and no checkpoint speaks for the leaves: its root is what the tree
 * above was made of.
 */
export function believedLeaves(held: Held, findings: Findings): readonly (Uint8Array | undefined)[] {
  const { start, leaves, tile } = held;
  const at = `0/${start / 256}`;
  const whole = wholeTile(leaves);
  if (tile === 'missing') findings.add({ what: 'tile', at, detail: 'is missing' });
  if (typeof tile === 'object') {
    const fault = whole ? tileFault(tile, whole) : 'leaves are missing';
    if (fault === undefined) return leaves;
    const own = split(tile.bytes);
    const sound = wholeTile(own)?.root;
    if (sound && tile.root.equals(sound) && !speakForLeaves(held, own)) {
      for (const [n, hash] of own.entries()) tellLeaf(findings, start + n, leaves[n], hash);
      return own;
    }
    if (whole) findings.add({ what: 'tile', at, detail: fault });
    else findings.add({ what: 'tile', at, detail: 'its root is not that of its hashes' });
  }
  for (const [n, leaf] of leaves.entries()) {
    if (leaf === undefined) findings.leaf(start + n, 'is missing, or no digest');
  }
  return leaves;
}

function tellLeaf(
  findings: Findings,
  index: number,
  leaf: Uint8Array | undefined,
  vouched: Uint8Array,
): void {
  if (leaf === undefined) findings.leaf(index, 'is missing, or no digest');
  else if (!Buffer.from(leaf).equals(vouched)) findings.leaf(index, 'is not the one in its tile');
}

/** Whether more checkpoints were signed over the leaves than over the hashes of the tile. */
function speakForLeaves({ edge, start, leaves, checkpoints }: Held, own: readonly Uint8Array[]): boolean {
  if (!edge) return false;
  const agreeing = (hashes: readonly (Uint8Array | undefined)[]): number =>
    checkpoints.filter(({ size, root }) => {
      const part = hashes.slice(0, size - start).filter((hash) => hash !== undefined);
      const complete = part.length === size - start;
      return complete && root.equals(rootOf(growEdge(edge, part).edge.frontier));
    }).length;
  return agreeing(leaves) > agreeing(own);
}

/** The tile that these hashes make, where they are 256. */
function wholeTile(hashes: readonly (Uint8Array | undefined)[]): FullTile | undefined {
  const known = hashes.filter((hash) => hash !== undefined);
  return known.length < 256 ? undefined : growEdge(emptyEdge, known).full[0];
}

const split = (bytes: Buffer): Uint8Array[] =>
  Array.from({ length: bytes.length / hashBytes }, (_, at) =>
    bytes.subarray(at * hashBytes, (at + 1) * hashBytes),
  );

/** The number of the first hash that differs. */
function firstDifference(a: Buffer, b: Uint8Array): number | undefined {
  const at = split(a).findIndex(
    (hash, n) => !Buffer.from(hash).equals(b.subarray(n * hashBytes, (n + 1) * hashBytes)),
  );
  return at < 0 ? undefined : at;
}
