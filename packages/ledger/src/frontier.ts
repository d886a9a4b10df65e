import { assert } from '@causeway/kernel';

import { emptyRoot, nodeHash } from './tree-hash.ts';
import { isTreeNumber, perfectNodes, type NodeId } from './tree-shape.ts';

/** All that appending to a tree needs: its size and the hashes of its perfect subtrees, the largest first. */
export interface Frontier {
  readonly size: number;
  readonly peaks: readonly Uint8Array[];
}

/** A node with its hash. */
export interface TreeNode extends NodeId {
  readonly hash: Uint8Array;
}

/** Which nodes make the frontier of a tree of `size` leaves, in the order of its `peaks`; at most 53. */
export function frontierNodes(size: number): NodeId[] {
  assert(isTreeNumber(size), 'a tree size is a safe integer');
  return perfectNodes({ from: 0, to: size });
}

/** The frontier of a tree of `size` leaves from the hashes of its `frontierNodes`. */
export function frontierOf(size: number, peaks: readonly Uint8Array[]): Frontier {
  assert(peaks.length === frontierNodes(size).length, 'a frontier has one hash for each perfect subtree');
  assert(
    peaks.every((peak) => peak.length === 32),
    'a hash has 32 bytes',
  );
  return { size, peaks };
}

/**
 * Appends leaves, given as `leafHash` of their entries. `nodes` are all nodes that this completes, leaves
 * included, in the order in which they become complete: each is final and is written once.
 */
export function appendLeaves(
  frontier: Frontier,
  leaves: Iterable<Uint8Array>,
): { frontier: Frontier; nodes: TreeNode[] } {
  const peaks = [...frontier.peaks];
  const nodes: TreeNode[] = [];
  let { size } = frontier;
  for (const leaf of leaves) {
    let node: TreeNode = { level: 0, index: size, hash: leaf };
    nodes.push(node);
    while (node.index % 2 === 1) {
      const left = peaks.pop();
      assert(left, 'a right child has a left sibling');
      node = { level: node.level + 1, index: (node.index - 1) / 2, hash: nodeHash(left, node.hash) };
      nodes.push(node);
    }
    peaks.push(node.hash);
    size += 1;
  }
  assert(isTreeNumber(size), 'a tree size is a safe integer');
  return { frontier: { size, peaks }, nodes };
}

/** The root hash of the tree (RFC 6962 section 2.1). */
export function rootOf({ peaks }: Frontier): Uint8Array {
  return joinPeaks(peaks) ?? emptyRoot();
}

/** The hash over perfect subtrees that follow one another, the largest first; undefined over none. */
export function joinPeaks(peaks: readonly Uint8Array[]): Uint8Array | undefined {
  let joined: Uint8Array | undefined;
  for (const peak of peaks.toReversed()) joined = joined === undefined ? peak : nodeHash(peak, joined);
  return joined;
}
