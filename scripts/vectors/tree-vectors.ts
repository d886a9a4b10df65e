import { inclusionProof, consistencyProof } from '@causeway/ledger';
import { encodeBase64 } from '@causeway/ledger/bytes';

import { ledgerJudges } from './ledger-judges.ts';
import {
  numberedConsistency,
  numberedDigest,
  numberedEntry,
  numberedInclusion,
  rootOfNumbered,
  uniformNode,
  uniformRoot,
} from './sample-tree.ts';
import { vectorsBy, type Values, type VectorFile } from './vector.ts';

const entry = (n: number): string => encodeBase64(numberedEntry(n));
const root = (count: number): string => encodeBase64(rootOfNumbered(count));
const none = encodeBase64(new Uint8Array(32));
const flip = (text: string): string => (text.startsWith('A') ? `B${text.slice(1)}` : `A${text.slice(1)}`);
const uniformRootOf = (size: number): string => encodeBase64(uniformRoot(size));

/** Digests and the entries that they are in a ledger. */
export function digestFile(): VectorFile {
  const vector = vectorsBy(ledgerJudges.digests);
  const digest = numberedDigest(0);
  return {
    about: 'A statement’s digest, the entry that stands in the ledger for it, and the hash of its leaf.',
    common: {},
    vectors: [
      vector('a digest is its 32 bytes', 'shown', { digest }),
      vector('a digest with - and _ is its 32 bytes', 'shown', { digest: numberedDigest(5) }),
      vector('another hash is named', 'malformed', { digest: digest.replace('sha-256', 'sha-512') }),
      vector('the prefix is missing', 'malformed', { digest: digest.slice(8) }),
      vector('it has a character too few', 'malformed', { digest: digest.slice(0, -1) }),
      vector('it is padded', 'malformed', { digest: `${digest}=` }),
      vector('a spare bit is set', 'malformed', { digest: `${digest.slice(0, -1)}l` }),
      vector('it is standard base64', 'malformed', { digest: `sha-256:+${digest.slice(9)}` }),
      vector('a newline follows', 'malformed', { digest: `${digest}\n` }),
    ],
  };
}

/** Roots of trees of numbered entries. */
export function rootFile(): VectorFile {
  const vector = vectorsBy(ledgerJudges.roots);
  const counts = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33, 100, 255, 256, 257, 300, 600];
  return {
    about: 'Roots of trees of `count` entries. Entry n, from 0 on, is SHA-256 of n as ASCII decimal.',
    common: {},
    vectors: counts.map((count) => vector(`the tree of ${count} entries`, 'shown', { count })),
  };
}

const inclusionOf = (index: number, size: number): Values & { proof: string[] } => ({
  index,
  size,
  entry: entry(index),
  root: root(size),
  proof: numberedInclusion(index, size),
});
const inclusionPlaces = [
  [0, 1],
  [0, 2],
  [1, 2],
  [2, 3],
  [3, 7],
  [6, 7],
  [7, 8],
  [8, 9],
  [255, 256],
  [256, 257],
  [77, 300],
] as const;
const uniformInclusion = (index: number, size: number): Values => ({
  index,
  size,
  entry: entry(0),
  root: uniformRootOf(size),
  proof: inclusionProof(index, size, uniformNode).map(encodeBase64),
});

/** Inclusion proofs, good and bad. */
export function inclusionFile(): VectorFile {
  const vector = vectorsBy(ledgerJudges.inclusion);
  const good = inclusionOf(5, 7);
  const [first = '', second = '', ...rest] = good.proof;
  const node = { index: 2, size: 4, entry: numberedInclusion(0, 4)[1] ?? '', root: root(4) };
  return {
    about: 'That an entry is at an index of the tree of a size and root. Entries as in roots.json.',
    common: {},
    vectors: [
      ...inclusionPlaces.map(([index, size]) =>
        vector(`entry ${index} of ${size} is shown`, 'shown', inclusionOf(index, size)),
      ),
      vector(
        'all leaves are entry 0: index 2^32 of 2^32 + 5',
        'shown',
        uniformInclusion(2 ** 32, 2 ** 32 + 5),
      ),
      vector(
        'all leaves are entry 0: index 2^52 + 1 of 2^52 + 3',
        'shown',
        uniformInclusion(2 ** 52 + 1, 2 ** 52 + 3),
      ),
      vector('another leaf’s entry', 'proof_invalid', { ...good, entry: entry(4) }),
      vector('another leaf’s index', 'proof_invalid', { ...good, index: 4 }),
      vector('an index that is the size', 'proof_invalid', { ...good, index: 7 }),
      vector('an index beyond the size', 'proof_invalid', { ...good, index: 9 }),
      vector('an index below zero', 'proof_invalid', { ...good, index: -1 }),
      vector('an index that is no whole number', 'proof_invalid', { ...good, index: 5.5 }),
      vector('the empty tree', 'proof_invalid', {
        index: 0,
        size: 0,
        entry: entry(0),
        root: root(0),
        proof: [],
      }),
      vector('a larger size', 'proof_invalid', { ...good, size: 9 }),
      vector('a smaller size', 'proof_invalid', { ...good, size: 6 }),
      vector('the root of another tree', 'proof_invalid', { ...good, root: root(8) }),
      vector('a hash with a bit turned', 'proof_invalid', { ...good, proof: [flip(first), second, ...rest] }),
      vector('the first hash is missing', 'proof_invalid', { ...good, proof: [second, ...rest] }),
      vector('the last hash is missing', 'proof_invalid', { ...good, proof: [first, second] }),
      vector('a hash too many at the end', 'proof_invalid', { ...good, proof: [...good.proof, none] }),
      vector('a hash too many in front', 'proof_invalid', { ...good, proof: [none, ...good.proof] }),
      vector('two hashes have changed places', 'proof_invalid', { ...good, proof: [second, first, ...rest] }),
      vector('no hashes', 'proof_invalid', { ...good, proof: [] }),
      vector('a node is passed off as an entry', 'proof_invalid', {
        ...node,
        proof: [numberedInclusion(2, 4)[1] ?? ''],
      }),
      vector('a hash of 31 bytes', 'malformed', {
        ...good,
        proof: [encodeBase64(new Uint8Array(31)), second, ...rest],
      }),
      vector('a hash with a spare bit set', 'malformed', {
        ...good,
        proof: [`${none.slice(0, -2)}B=`, second, ...rest],
      }),
    ],
  };
}

const growthOf = (oldSize: number, newSize: number): Values & { proof: string[] } => ({
  old_size: oldSize,
  old_root: root(oldSize),
  new_size: newSize,
  new_root: root(newSize),
  proof: numberedConsistency(oldSize, newSize),
});
const growthSizes = [
  [0, 0],
  [0, 5],
  [5, 5],
  [1, 2],
  [3, 7],
  [4, 7],
  [7, 8],
  [8, 9],
  [6, 9],
  [255, 256],
] as const;
const uniformGrowth = {
  old_size: 2 ** 32 + 5,
  old_root: uniformRootOf(2 ** 32 + 5),
  new_size: 2 ** 32 + 9,
  new_root: uniformRootOf(2 ** 32 + 9),
  proof: consistencyProof(2 ** 32 + 5, 2 ** 32 + 9, uniformNode).map(encodeBase64),
};

/** Consistency proofs, good and bad. */
export function consistencyFile(): VectorFile {
  const vector = vectorsBy(ledgerJudges.consistency);
  const good = growthOf(6, 9);
  const perfect = growthOf(4, 7);
  const [first = '', second = '', ...rest] = good.proof;
  return {
    about: 'That one tree begins with all leaves of another. Entries as in roots.json.',
    common: {},
    vectors: [
      ...growthSizes.map(([oldSize, newSize]) =>
        vector(`${newSize} leaves begin with ${oldSize}`, 'shown', growthOf(oldSize, newSize)),
      ),
      vector('all leaves are entry 0: 2^32 + 9 begin with 2^32 + 5', 'shown', uniformGrowth),
      vector('the newer tree is smaller', 'proof_invalid', {
        ...good,
        old_size: 9,
        old_root: root(9),
        new_size: 6,
        new_root: root(6),
      }),
      vector('one size, two roots', 'proof_invalid', { ...growthOf(5, 5), new_root: root(6) }),
      vector('one size, and a hash', 'proof_invalid', { ...growthOf(5, 5), proof: [none] }),
      vector('size 0, and a hash', 'proof_invalid', { ...growthOf(0, 5), proof: [none] }),
      vector('size 0 with another root than the empty tree’s', 'proof_invalid', {
        ...growthOf(0, 5),
        old_root: root(1),
      }),
      vector('size 0 twice, the newer with another root', 'proof_invalid', {
        ...growthOf(0, 0),
        new_root: root(1),
      }),
      vector('a size below zero', 'proof_invalid', { ...good, old_size: -1 }),
      vector('another old root', 'proof_invalid', { ...good, old_root: root(5) }),
      vector('another new root', 'proof_invalid', { ...good, new_root: root(8) }),
      vector('another old size', 'proof_invalid', { ...good, old_size: 5 }),
      vector('another new size', 'proof_invalid', { ...good, new_size: 17 }),
      vector('a new size that the same hashes fit: only its signature vouches for a size', 'shown', {
        ...good,
        new_size: 10,
      }),
      vector('a hash with a bit turned', 'proof_invalid', { ...good, proof: [flip(first), second, ...rest] }),
      vector('two hashes have changed places', 'proof_invalid', { ...good, proof: [second, first, ...rest] }),
      vector('the last hash is missing', 'proof_invalid', { ...good, proof: good.proof.slice(0, -1) }),
      vector('a hash too many', 'proof_invalid', { ...good, proof: [...good.proof, none] }),
      vector('no hashes', 'proof_invalid', { ...good, proof: [] }),
      vector('the root of a perfect old tree is repeated', 'proof_invalid', {
        ...perfect,
        proof: [root(4), ...perfect.proof],
      }),
      vector('a perfect old tree with another root', 'proof_invalid', { ...perfect, old_root: root(3) }),
    ],
  };
}
