import { assert } from '@causeway/kernel';

/**
 * A perfect subtree: the 2^level leaves from index * 2^level on. Such a node never changes once its leaves
 * exist.
 */
export interface NodeId {
  readonly level: number;
  readonly index: number;
}

/** One hash of a proof: that of the leaves `from` to `to` (exclusive), and the side on which it is joined. */
export interface Step {
  readonly side: 'left' | 'right';
  readonly from: number;
  readonly to: number;
}

/** True for what can be a tree's size or a leaf's index. Trees end at 2^53 - 1 leaves: numbers stay exact. */
export function isTreeNumber(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** The steps of an inclusion proof, the leaf's sibling first (RFC 6962 section 2.1.1). Needs index < size. */
export function inclusionSteps(index: number, size: number): Step[] {
  assert(isTreeNumber(index) && isTreeNumber(size) && index < size, 'the leaf is in the tree');
  const steps: Step[] = [];
  let from = 0;
  let to = size;
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    if (index < middle) {
      steps.push({ side: 'right', from: middle, to });
      to = middle;
    } else {
      steps.push({ side: 'left', from, to: middle });
      from = middle;
    }
  }
  return steps.toReversed();
}

/** How a tree of one size lies in a later one. */
export interface Growth {
  /**
   * The subtree that both walks start from. Where it is the whole old tree, the proof does not repeat its
   * hash.
   */
  readonly start: { readonly from: number; readonly to: number };
  readonly steps: readonly Step[];
}

/** The steps of a consistency proof (RFC 6962 section 2.1.2). Needs 0 < oldSize < newSize. */
export function growthSteps(oldSize: number, newSize: number): Growth {
  assert(isTreeNumber(oldSize) && isTreeNumber(newSize), 'tree sizes are safe integers');
  assert(oldSize > 0 && oldSize < newSize, 'the tree has grown');
  const steps: Step[] = [];
  let from = 0;
  let to = newSize;
  while (to !== oldSize) {
    const middle = from + splitOf(to - from);
    if (oldSize <= middle) {
      steps.push({ side: 'right', from: middle, to });
      to = middle;
    } else {
      steps.push({ side: 'left', from, to: middle });
      from = middle;
    }
  }
  return { start: { from, to }, steps: steps.toReversed() };
}

/** The perfect subtrees that cover the leaves of a subtree of the tree, the largest first. */
export function perfectNodes({ from, to }: { readonly from: number; readonly to: number }): NodeId[] {
  const nodes: NodeId[] = [];
  let at = from;
  while (at < to) {
    const level = floorLog2(to - at);
    const index = at / 2 ** level;
    assert(Number.isInteger(index), 'a subtree starts at a multiple of its width');
    nodes.push({ level, index });
    at += 2 ** level;
  }
  return nodes;
}

/** The largest power of two below `width`: where RFC 6962 splits a subtree. */
function splitOf(width: number): number {
  return 2 ** floorLog2(width - 1);
}

function floorLog2(value: number): number {
  let log = 0;
  while (2 ** (log + 1) <= value) log += 1;
  return log;
}
