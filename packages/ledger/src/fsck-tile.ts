import { equalBytes } from './bytes.ts';
import { emptyEdge, growEdge } from './edge.ts';
import type { Edge, FullTile } from './edge.ts';
import type { Findings } from './fsck-findings.ts';
import { rootOf } from './frontier.ts';
import { tileWidth } from './tile.ts';

const hashBytes = 32;

/** A full tile as a ledger has it, and the hash over it as the level above has it. */
export interface StoredTile {
  readonly bytes: Uint8Array;
  readonly root: Uint8Array;
}

/** A checkpoint as a ledger has it, with cosignatures by the member of their witness. */
export interface StoredCheckpoint {
  readonly size: number;
  readonly root: Uint8Array;
  readonly note: string;
  readonly cosignatures: readonly { readonly witness: string; readonly line: string }[];
}

/** What is wrong with a stored tile whose hashes are known. */
export function tileFault(row: StoredTile | undefined, { bytes, root }: FullTile): string | undefined {
  if (row === undefined) return 'is missing';
  const differing = firstDifference(row.bytes, bytes);
  if (differing !== undefined) return `its hash ${differing} is not that of the tree`;
  return equalBytes(row.root, root) ? undefined : 'its root is not that of its hashes';
}

/** The leaves under one tile, with what is stored of them. */
export interface Held {
  readonly start: number;
  readonly leaves: readonly (Uint8Array | undefined)[];
  /** Undefined where no tile is due yet. */
  readonly tile: StoredTile | 'missing' | undefined;
  /** The tree before these leaves, where it is known. */
  readonly edge: Edge | undefined;
  /** Those whose signature holds and that end among these leaves. */
  readonly checkpoints: readonly StoredCheckpoint[];
}

/**
 * The hashes to go on with, after saying what differs. Where leaves and tile contradict each other, the tile
 * is believed if it is sound in itself and no checkpoint speaks for the leaves: its root is what the tree
 * above was made of.
 */
export function believedLeaves(held: Held, findings: Findings): readonly (Uint8Array | undefined)[] {
  const { start, leaves, tile } = held;
  const at = `0/${start / tileWidth}`;
  const whole = wholeTile(leaves);
  if (tile === 'missing') findings.add({ what: 'tile', at, detail: 'is missing' });
  if (typeof tile === 'object') {
    const fault = whole ? tileFault(tile, whole) : 'leaves are missing';
    if (fault === undefined) return leaves;
    const own = tileHashes(tile.bytes);
    const sound = wholeTile(own)?.root;
    if (sound && equalBytes(tile.root, sound) && !speakForLeaves(held, own)) {
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
  else if (!equalBytes(leaf, vouched)) findings.leaf(index, 'is not the one in its tile');
}

/** Whether more checkpoints were signed over the leaves than over the hashes of the tile. */
function speakForLeaves({ edge, start, leaves, checkpoints }: Held, own: readonly Uint8Array[]): boolean {
  if (!edge) return false;
  const agreeing = (hashes: readonly (Uint8Array | undefined)[]): number =>
    checkpoints.filter(({ size, root }) => {
      const part = hashes.slice(0, size - start).filter((hash) => hash !== undefined);
      const complete = part.length === size - start;
      return complete && equalBytes(root, rootOf(growEdge(edge, part).edge.frontier));
    }).length;
  return agreeing(leaves) > agreeing(own);
}

/** The tile that these hashes make, where they are 256. */
export function wholeTile(hashes: readonly (Uint8Array | undefined)[]): FullTile | undefined {
  const known = hashes.filter((hash) => hash !== undefined);
  return known.length < tileWidth ? undefined : growEdge(emptyEdge, known).full[0];
}

/** The hashes of a tile. */
export const tileHashes = (bytes: Uint8Array): Uint8Array[] =>
  Array.from({ length: bytes.length / hashBytes }, (_, at) =>
    bytes.subarray(at * hashBytes, (at + 1) * hashBytes),
  );

/** The number of the first hash that differs. */
export function firstDifference(a: Uint8Array, b: Uint8Array): number | undefined {
  const at = tileHashes(a).findIndex(
    (hash, n) => !equalBytes(hash, b.subarray(n * hashBytes, (n + 1) * hashBytes)),
  );
  return at < 0 ? undefined : at;
}
