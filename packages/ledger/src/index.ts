export type { LeafOpening } from './leaf.ts';
export { placeLeaves } from './order.ts';
export type { PlacedLeaf } from './order.ts';
