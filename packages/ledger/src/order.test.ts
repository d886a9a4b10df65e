import fc from 'fast-check';
import { expect, test } from 'vitest';

import { placeLeaves } from './order.ts';

const none = new Set<string>();

test('indexes continue the tree densely in the order given', () => {
  const placed = placeLeaves(7, [{ digest: 'b' }, { digest: 'a' }], none);
  expect(placed.map(({ index, leaf }) => [index, leaf.digest])).toEqual([
    [7, 'b'],
    [8, 'a'],
  ]);
});

test('a digest that the tree holds, or that comes twice, gets no second place', () => {
  const placed = placeLeaves(3, [{ digest: 'a' }, { digest: 'b' }, { digest: 'b' }], new Set(['a']));
  expect(placed).toEqual([{ index: 3, leaf: { digest: 'b' } }]);
});

test.each([-1, 0.5, Number.NaN, 2 ** 53])('a tree size of %s is a fault of ours and stops', (size) => {
  expect(() => placeLeaves(size, [], none)).toThrow('tree size');
});

test('whatever is staged, indexes are dense and digests unique', () => {
  const digests = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'));
  fc.assert(
    fc.property(fc.nat(1000), digests, digests, (size, staged, held) => {
      const placed = placeLeaves(
        size,
        staged.map((digest) => ({ digest })),
        new Set(held),
      );
      expect(placed.map((entry) => entry.index)).toEqual(placed.map((_, at) => size + at));
      expect(new Set(placed.map((entry) => entry.leaf.digest)).size).toBe(placed.length);
    }),
  );
});
