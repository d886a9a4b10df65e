import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { decodeBase64 } from './bytes.ts';
import { rootOf } from './frontier.ts';
import { codeOf, flipped, treeOf } from './tree.fixture.ts';
import { emptyRoot } from './tree-hash.ts';
import {
  consistencyNodes,
  consistencyProof,
  inclusionNodes,
  inclusionProof,
  verifyConsistency,
  verifyInclusion,
  type Consistency,
  type Inclusion,
} from './tree-proof.ts';

interface Vector {
  readonly comment: string;
  readonly valid: boolean;
  readonly proof: readonly string[];
}

const read = <V>(name: string): (V & Vector)[] => {
  const file = new URL(`../vectors/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { vectors: (V & Vector)[] }).vectors;
};
/** Their hashes may have any length; ours have 32 bytes, so that one valid vector with shorter roots is refused. */
const outcome = (valid: boolean, ...hashes: Uint8Array[]): string =>
  valid && hashes.every((hash) => hash.length === 32) ? 'none' : 'proof_invalid';

describe('S46 inclusion proofs of an implementation that is not ours', () => {
  const vectors = read<{ index: number; size: number; root: string; leaf: string }>('inclusion-proofs');
  test.each(vectors)('$comment (valid: $valid)', ({ index, size, root, leaf, proof, valid }) => {
    const hashes = { leaf: decodeBase64(leaf), root: decodeBase64(root), proof: proof.map(decodeBase64) };
    expect(codeOf(() => verifyInclusion({ index, size, ...hashes }))).toBe(outcome(valid));
  });
});

describe('S46 consistency proofs of an implementation that is not ours', () => {
  type Sizes = { oldSize: number; newSize: number; oldRoot: string; newRoot: string };
  test.each(read<Sizes>('consistency-proofs'))('$comment (valid: $valid)', (vector) => {
    const { oldSize, newSize } = vector;
    const [oldRoot, newRoot] = [decodeBase64(vector.oldRoot), decodeBase64(vector.newRoot)];
    const proof = vector.proof.map(decodeBase64);
    const action = (): void => verifyConsistency({ oldSize, newSize, oldRoot, newRoot, proof });
    expect(codeOf(action)).toBe(outcome(vector.valid, oldRoot, newRoot));
  });
});

const sizeMax = 600;
const whole = treeOf(sizeMax);
const roots = Array.from({ length: sizeMax + 1 }, (_, size) => rootOf(treeOf(size).frontier));
const rootAt = (size: number): Uint8Array => roots[size] ?? emptyRoot();

const inclusion = (index: number, size: number): Inclusion => ({
  index,
  size,
  leaf: whole.leaves[index] ?? emptyRoot(),
  root: rootAt(size),
  proof: inclusionProof(index, size, whole.read),
});
const consistency = (oldSize: number, newSize: number): Consistency => ({
  oldSize,
  newSize,
  oldRoot: rootAt(oldSize),
  newRoot: rootAt(newSize),
  proof: consistencyProof(oldSize, newSize, whole.read),
});

/** Ways to spoil a proof, with a number to draw where. */
const spoilers: Record<string, (proof: readonly Uint8Array[], at: number) => Uint8Array[]> = {
  'a bit turned': (proof, at) =>
    proof.map((hash, index) => (index === at % proof.length ? flipped(hash, at) : hash)),
  'a hash dropped': (proof, at) => proof.filter((_, index) => index !== at % proof.length),
  'a hash added': (proof, at) => proof.toSpliced(at % (proof.length + 1), 0, emptyRoot()),
  'a hash repeated': (proof, at) =>
    proof.flatMap((hash, index) => (index === at % proof.length ? [hash, hash] : [hash])),
  'two hashes swapped': (proof) =>
    [proof[1], proof[0], ...proof.slice(2)].filter((hash) => hash !== undefined),
  'a hash shortened': (proof, at) =>
    proof.map((hash, index) => (index === at % proof.length ? hash.slice(1) : hash)),
};

const leafIn = fc
  .integer({ min: 2, max: sizeMax })
  .chain((size) => fc.tuple(fc.nat(size - 1), fc.constant(size)));
const growth = fc
  .integer({ min: 2, max: sizeMax })
  .chain((size) => fc.tuple(fc.nat(size), fc.constant(size)));

describe('inclusion', () => {
  test('S46 every leaf of every tree of up to 70 leaves is proven', () => {
    for (let size = 1; size <= 70; size += 1) {
      for (let index = 0; index < size; index += 1) verifyInclusion(inclusion(index, size));
    }
  });

  test('every leaf of a tree of any size is proven, from the nodes that were named beforehand', () => {
    fc.assert(
      fc.property(leafIn, ([index, size]) => {
        verifyInclusion(inclusion(index, size));
        const named = new Set(inclusionNodes(index, size).map((node) => `${node.level}/${node.index}`));
        const asked = new Set<string>();
        inclusionProof(index, size, (level, at) => {
          asked.add(`${level}/${at}`);
          return whole.read(level, at);
        });
        expect(asked).toEqual(named);
      }),
    );
  });

  test.each(Object.keys(spoilers))('a proof with %s is refused', (name) => {
    const spoil = spoilers[name];
    fc.assert(
      fc.property(leafIn, fc.nat(), ([index, size], at) => {
        const sound = inclusion(index, size);
        fc.pre(spoil !== undefined && (name !== 'two hashes swapped' || sound.proof.length > 1));
        const proof = spoil?.(sound.proof, at) ?? [];
        expect(codeOf(() => verifyInclusion({ ...sound, proof }))).toBe('proof_invalid');
      }),
    );
  });

  test('S53 the proof of one leaf proves no other leaf, index, size or root', () => {
    fc.assert(
      fc.property(leafIn, fc.nat(sizeMax), ([index, size], other) => {
        const sound = inclusion(index, size);
        fc.pre(other !== index && other !== size);
        const refused = (changed: Partial<Inclusion>): string =>
          codeOf(() => verifyInclusion({ ...sound, ...changed }));
        expect(refused({ leaf: whole.leaves[other] ?? emptyRoot() })).toBe('proof_invalid');
        expect(refused({ root: rootAt(other) })).toBe('proof_invalid');
        if (other >= size) expect(refused({ index: other })).toBe('proof_invalid');
      }),
    );
  });

  test.each([-1, 1.5, Number.NaN, 2 ** 53, 1])('index %s of a tree of one leaf proves nothing', (index) => {
    const sound = inclusion(0, 1);
    expect(codeOf(() => verifyInclusion({ ...sound, index }))).toBe('proof_invalid');
  });

  test('a proof of a million hashes is refused without hashing them', () => {
    const proof = new Array<Uint8Array>(1_000_000).fill(emptyRoot());
    expect(codeOf(() => verifyInclusion({ ...inclusion(3, 9), proof }))).toBe('proof_invalid');
    expect(codeOf(() => verifyConsistency({ ...consistency(3, 9), proof }))).toBe('proof_invalid');
  });

  test('a tree of 2^53 - 1 leaves has proofs of at most 53 hashes', () => {
    expect(inclusionNodes(2 ** 53 - 2, 2 ** 53 - 1).length).toBeLessThanOrEqual(53);
    expect(inclusionNodes(0, 2 ** 53 - 1).every(({ index }) => Number.isSafeInteger(index))).toBe(true);
    expect(consistencyNodes(2 ** 52 + 1, 2 ** 53 - 1).length).toBeLessThan(200);
  });

  test.each([
    [3, 3],
    [-1, 3],
    [0.5, 3],
  ])('asking for leaf %s of %s is a fault of ours and stops', (index, size) => {
    expect(() => inclusionProof(index, size, whole.read)).toThrow('the leaf is in the tree');
  });

  test('a node that the caller has not fetched is a fault of ours and stops', () => {
    expect(() => inclusionProof(1, 3, () => undefined)).toThrow('fetched');
  });
});

describe('consistency', () => {
  test('S46 every tree of up to 70 leaves is consistent with every tree before it', () => {
    for (let size = 0; size <= 70; size += 1) {
      for (let old = 0; old <= size; old += 1) verifyConsistency(consistency(old, size));
    }
  });

  test('growth between any sizes is proven, from the nodes that were named beforehand', () => {
    fc.assert(
      fc.property(growth, ([old, size]) => {
        verifyConsistency(consistency(old, size));
        const named = new Set(consistencyNodes(old, size).map((node) => `${node.level}/${node.index}`));
        const asked = new Set<string>();
        consistencyProof(old, size, (level, at) => {
          asked.add(`${level}/${at}`);
          return whole.read(level, at);
        });
        expect(asked).toEqual(named);
      }),
    );
  });

  test.each(Object.keys(spoilers))('a proof with %s is refused', (name) => {
    const spoil = spoilers[name];
    fc.assert(
      fc.property(growth, fc.nat(), ([old, size], at) => {
        const sound = consistency(old, size);
        const lengthMin = name === 'two hashes swapped' ? 2 : name === 'a hash added' ? 0 : 1;
        fc.pre(spoil !== undefined && sound.proof.length >= lengthMin);
        const proof = spoil?.(sound.proof, at) ?? [];
        expect(codeOf(() => verifyConsistency({ ...sound, proof }))).toBe('proof_invalid');
      }),
    );
  });

  test('a proof shows no other old root, new root or old size', () => {
    fc.assert(
      fc.property(growth, fc.nat(sizeMax), ([old, size], other) => {
        fc.pre(other !== old && other !== size);
        const sound = consistency(old, size);
        const refused = (changed: Partial<Consistency>): string =>
          codeOf(() => verifyConsistency({ ...sound, ...changed }));
        expect(refused({ oldRoot: rootAt(other) })).toBe('proof_invalid');
        if (old > 0) expect(refused({ newRoot: rootAt(other) })).toBe('proof_invalid');
        if (old > 0) expect(refused({ oldSize: other })).toBe('proof_invalid');
      }),
    );
  });

  test('S50 a smaller tree never follows a larger one', () => {
    const shrunk = { oldSize: 9, oldRoot: rootAt(9), newSize: 8, newRoot: rootAt(8), proof: [] };
    expect(codeOf(() => verifyConsistency(shrunk))).toBe('proof_invalid');
  });

  test('S49 a second root at the same size is refused', () => {
    const other = { oldSize: 9, oldRoot: rootAt(9), newSize: 9, newRoot: rootAt(8), proof: [] };
    expect(codeOf(() => verifyConsistency(other))).toBe('proof_invalid');
  });

  test('size 0 has the empty root and no other, as the older and as the newer tree', () => {
    const ours = { oldSize: 0, oldRoot: emptyRoot(), newSize: 0, newRoot: emptyRoot(), proof: [] };
    expect(codeOf(() => verifyConsistency(ours))).toBe('none');
    expect(codeOf(() => verifyConsistency({ ...ours, newRoot: rootAt(1) }))).toBe('proof_invalid');
    expect(codeOf(() => verifyConsistency({ ...ours, oldRoot: rootAt(1) }))).toBe('proof_invalid');
    expect(codeOf(() => verifyConsistency({ ...ours, newSize: 1, newRoot: rootAt(1) }))).toBe('none');
  });
});
