import {
  appendLeaves,
  consistencyProof,
  digestOf,
  frontierNodes,
  frontierOf,
  inclusionProof,
  leafHash,
  rootOf,
  type ReadNode,
} from '@causeway/ledger';
import { encodeBase64, utf8 } from '@causeway/ledger/bytes';
import { sha256 } from '@causeway/ledger/crypto-page';
import { nodeHash } from '@causeway/ledger/tree-hash';

const sizeMax = 600;

/**
 * The entry with a number: SHA-256 of the number as ASCII decimal, so that anybody can make it. Made in pages
 * too.
 */
export function numberedEntry(n: number): Uint8Array {
  return sha256(utf8(`${n}`));
}

/** The digest that a numbered entry stands for. */
export function numberedDigest(n: number): string {
  return digestOf(numberedEntry(n));
}

/** The root over the entries 0 to count - 1. */
export function rootOfNumbered(count: number): Uint8Array {
  const leaves = Array.from({ length: count }, (_, n) => leafHash(numberedEntry(n)));
  return rootOf(appendLeaves(frontierOf(0, []), leaves).frontier);
}

const grown = appendLeaves(
  frontierOf(0, []),
  Array.from({ length: sizeMax }, (_, n) => leafHash(numberedEntry(n))),
);
const nodes = new Map(grown.nodes.map(({ level, index, hash: node }) => [`${level}/${index}`, node]));

/** A node of the tree of numbered entries, of which there are 600. */
export const numberedNode: ReadNode = (level, index) => nodes.get(`${level}/${index}`);

/** The inclusion proof of a numbered entry, in base64. */
export function numberedInclusion(index: number, size: number): string[] {
  return inclusionProof(index, size, numberedNode).map(encodeBase64);
}

/** The consistency proof between two trees of numbered entries, in base64. */
export function numberedConsistency(oldSize: number, newSize: number): string[] {
  return consistencyProof(oldSize, newSize, numberedNode).map(encodeBase64);
}

/** A tree in which all leaves are entry 0: one node a level, so that it can be as large as trees may be. */
const levels = [leafHash(numberedEntry(0))];
for (let level = 1; level < 54; level += 1) {
  const below = levels.at(-1) ?? new Uint8Array();
  levels.push(nodeHash(below, below));
}

export const uniformNode: ReadNode = (level) => levels[level];

/** The root of the tree of `size` leaves that are all entry 0. */
export function uniformRoot(size: number): Uint8Array {
  const peaks = frontierNodes(size).map(({ level }) => levels[level] ?? new Uint8Array());
  return rootOf(frontierOf(size, peaks));
}
