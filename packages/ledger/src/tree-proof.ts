import { assert } from '@causeway/kernel';

import { equalBytes } from './bytes.ts';
import { joinPeaks } from './frontier.ts';
import { LedgerError } from './ledger-error.ts';
import { emptyRoot, nodeHash } from './tree-hash.ts';
import { growthSteps, inclusionSteps, isTreeNumber, perfectNodes } from './tree-shape.ts';
import type { NodeId, Step } from './tree-shape.ts';

/** More hashes than any proof in a tree of 2^63 leaves has. */
const hashesMax = 64;

/** Answers the hash of a node of the tree; the caller has fetched what `…Nodes` named. */
export type ReadNode = (level: number, index: number) => Uint8Array | undefined;

/** The nodes that `inclusionProof` will read: for one query ahead of it. */
export function inclusionNodes(index: number, size: number): NodeId[] {
  return inclusionSteps(index, size).flatMap(perfectNodes);
}

/** The audit path of a leaf in the tree of `size` leaves, its sibling first (RFC 6962 section 2.1.1). */
export function inclusionProof(index: number, size: number, read: ReadNode): Uint8Array[] {
  return inclusionSteps(index, size).map((step) => hashOver(step, read));
}

/** The nodes that `consistencyProof` will read: for one query ahead of it. */
export function consistencyNodes(oldSize: number, newSize: number): NodeId[] {
  return consistencyRanges(oldSize, newSize).flatMap(perfectNodes);
}

/**
 * The proof that the tree of `newSize` leaves begins with the tree of `oldSize` leaves (RFC 6962 section 2.1.2);
 * empty from size 0, and where the sizes are equal.
 */
export function consistencyProof(oldSize: number, newSize: number, read: ReadNode): Uint8Array[] {
  return consistencyRanges(oldSize, newSize).map((range) => hashOver(range, read));
}

/** What is claimed of a leaf: that `leaf`, its hash, is at `index` of the tree of `size` leaves with `root`. */
export interface Inclusion {
  readonly index: number;
  readonly size: number;
  readonly leaf: Uint8Array;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Throws `proof_invalid` unless the proof shows the leaf at its index under the root. */
export function verifyInclusion({ index, size, leaf, root, proof }: Inclusion): void {
  checkNumbers(index, size);
  if (index >= size) throw new LedgerError('proof_invalid');
  const steps = inclusionSteps(index, size);
  if (proof.length !== steps.length) throw new LedgerError('proof_invalid');
  checkHashes([leaf, root, ...proof]);
  const reached = steps.reduce((hash, step, at) => joined(step, hash, proof[at]), leaf);
  if (!equalBytes(reached, root)) throw new LedgerError('proof_invalid');
}

/** What is claimed of two trees: that the newer begins with all leaves of the older. */
export interface Consistency {
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  readonly newSize: number;
  readonly newRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/**
 * Throws `proof_invalid` unless the proof shows that the older tree is a beginning of the newer. Size 0 has the
 * empty root and no other, and needs no proof; equal sizes have equal roots and an empty proof.
 */
export function verifyConsistency(claim: Consistency): void {
  const { oldSize, oldRoot, newSize, newRoot, proof } = claim;
  checkNumbers(oldSize, newSize);
  if (oldSize > newSize || proof.length > hashesMax) throw new LedgerError('proof_invalid');
  checkHashes([oldRoot, newRoot, ...proof]);
  if (oldSize === 0 || oldSize === newSize) verifyUnproven(claim);
  else verifyGrowth(claim);
}

/** Trees of which the older is empty or the same: there is nothing to prove, so nothing may be sent. */
function verifyUnproven({ oldSize, oldRoot, newSize, newRoot, proof }: Consistency): void {
  const same = oldSize < newSize || equalBytes(oldRoot, newRoot);
  if (proof.length > 0 || !same || !isRoot(oldRoot, oldSize) || !isRoot(newRoot, newSize)) {
    throw new LedgerError('proof_invalid');
  }
}

function verifyGrowth({ oldSize, oldRoot, newSize, newRoot, proof }: Consistency): void {
  const { start, steps } = growthSteps(oldSize, newSize);
  const [first, ...siblings] = start.from === 0 ? [oldRoot, ...proof] : proof;
  if (!first || siblings.length !== steps.length) throw new LedgerError('proof_invalid');
  let before = first;
  let after = first;
  for (const [at, step] of steps.entries()) {
    after = joined(step, after, siblings[at]);
    if (step.side === 'left') before = joined(step, before, siblings[at]);
  }
  if (!equalBytes(before, oldRoot) || !equalBytes(after, newRoot)) throw new LedgerError('proof_invalid');
}

function consistencyRanges(oldSize: number, newSize: number): { from: number; to: number }[] {
  assert(isTreeNumber(oldSize) && isTreeNumber(newSize), 'tree sizes are safe integers');
  assert(oldSize <= newSize, 'a tree does not shrink');
  if (oldSize === 0 || oldSize === newSize) return [];
  const { start, steps } = growthSteps(oldSize, newSize);
  return start.from === 0 ? [...steps] : [start, ...steps];
}

function hashOver(range: { readonly from: number; readonly to: number }, read: ReadNode): Uint8Array {
  const peaks = perfectNodes(range).map(({ level, index }) => {
    const hash = read(level, index);
    assert(hash?.length === 32, 'the caller has fetched all nodes of the proof');
    return hash;
  });
  const hash = joinPeaks(peaks);
  assert(hash, 'a step of a proof is over at least one leaf');
  return hash;
}

function joined({ side }: Step, hash: Uint8Array, sibling: Uint8Array | undefined): Uint8Array {
  assert(sibling, 'the length of the proof was checked');
  return side === 'left' ? nodeHash(sibling, hash) : nodeHash(hash, sibling);
}

/** Only the empty tree's root is known beforehand. */
function isRoot(root: Uint8Array, size: number): boolean {
  return size > 0 || equalBytes(root, emptyRoot());
}

function checkNumbers(...numbers: readonly number[]): void {
  if (!numbers.every(isTreeNumber)) throw new LedgerError('proof_invalid');
}

function checkHashes(hashes: readonly Uint8Array[]): void {
  if (hashes.some((hash) => hash.length !== 32)) throw new LedgerError('proof_invalid');
}
