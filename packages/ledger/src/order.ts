import { assert } from '@causeway/kernel';

/** A leaf with its place: indexes are dense, start at 0 and never change. */
export interface PlacedLeaf<L> {
  readonly index: number;
  readonly leaf: L;
}

/**
 * Gives the leaves that follow a tree of `size` leaves their indexes, in the order given. A digest that the
 * tree holds already, or that comes twice, is one leaf: it keeps its first place.
 */
export function placeLeaves<L extends { readonly digest: string }>(
  size: number,
  staged: readonly L[],
  held: ReadonlySet<string>,
): PlacedLeaf<L>[] {
  assert(Number.isSafeInteger(size) && size >= 0, 'a tree size is a safe integer');
  const seen = new Set(held);
  const placed: PlacedLeaf<L>[] = [];
  for (const leaf of staged) {
    if (seen.has(leaf.digest)) continue;
    seen.add(leaf.digest);
    placed.push({ index: size + placed.length, leaf });
  }
  return placed;
}
