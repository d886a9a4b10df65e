import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { codeOf, entryAt, treeOf } from './tree.fixture.ts';
import {
  bundleBytes,
  bundleEntries,
  grownTiles,
  nodeInTile,
  nodesInTile,
  tileBytes,
  tileNodes,
  tileOfNode,
  type Tile,
} from './tile.ts';

describe('what a growing tree writes', () => {
  // The example of C2SP tlog-tiles: a tree of 70,000 leaves.
  test('70,000 leaves are the tiles that the specification counts', () => {
    const tiles = grownTiles(0, 70_000);
    const at = (level: Tile['level']): Tile[] => tiles.filter((tile) => tile.level === level);
    expect(at('entries')).toHaveLength(274);
    expect(at(0).filter(({ width }) => width === 256)).toHaveLength(273);
    expect(at(0).at(-1)).toEqual({ level: 0, index: 273, width: 112 });
    expect(at(1).map(({ width }) => width)).toEqual([256, 17]);
    expect(at(2)).toEqual([{ level: 2, index: 0, width: 1 }]);
    expect(at(3)).toEqual([]);
  });

  test('256 leaves are a full tile and, above it, a partial one of width 1', () => {
    expect(grownTiles(255, 256)).toEqual([
      { level: 'entries', index: 0, width: 256 },
      { level: 0, index: 0, width: 256 },
      { level: 1, index: 0, width: 1 },
    ]);
  });

  test('nothing is written where nothing grew, and no tile that is full already', () => {
    expect(grownTiles(300, 300)).toEqual([]);
    fc.assert(
      fc.property(fc.nat(200_000), fc.nat(2000), (old, more) => {
        for (const { level, index } of grownTiles(old, old + more)) {
          const hashes = Math.floor(old / 256 ** (level === 'entries' ? 0 : level));
          expect((index + 1) * 256).toBeGreaterThan(hashes);
        }
      }),
    );
  });

  test('growth in steps writes the same full tiles as growth at once', () => {
    const full = (tiles: Tile[]): string[] =>
      tiles
        .filter(({ width }) => width === 256)
        .map(({ level, index }) => `${level}/${index}`)
        .sort();
    fc.assert(
      fc.property(fc.array(fc.nat(700), { maxLength: 6 }), (steps) => {
        let size = 0;
        const written = steps.flatMap((step) => {
          size += step;
          return grownTiles(size - step, size);
        });
        expect(full(written)).toEqual(full(grownTiles(0, size)));
      }),
    );
  });

  test('a tree that shrinks is a fault of ours and stops', () => {
    expect(() => grownTiles(2, 1)).toThrow('does not shrink');
  });
});

const size = 70_000;
const tree = treeOf(size);

describe('hashes out of tiles', () => {
  test('every node is read from the tile that holds it, between the levels of tiles too', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 16 }), fc.nat(), (level, drawn) => {
        const index = drawn % Math.floor(size / 2 ** level);
        const tile = tileOfNode({ level, index }, size);
        const hash = nodeInTile(tile, tileBytes(tile, tree.read), { level, index });
        expect(hash).toEqual(tree.read(level, index));
      }),
    );
  });

  test.each([
    [0, 256],
    [3, 112],
  ])('tile %i of width %i: each of its nodes, in any order', (index, width) => {
    const tile = { level: 0, index, width };
    const ids = Array.from({ length: 8 }, (_, level) => level).flatMap((level) =>
      Array.from({ length: Math.floor(width / 2 ** level) }, (_, at) => ({
        level,
        index: (index * 256) / 2 ** level + at,
      })),
    );
    const whole = tileBytes(tile, tree.read);
    fc.assert(
      fc.property(fc.shuffledSubarray(ids), (asked) => {
        const nodeOf = nodesInTile(tile, whole);
        for (const id of asked) expect(nodeOf(id)).toEqual(tree.read(id.level, id.index));
      }),
      { numRuns: 20 },
    );
  });

  test('a tile names its hashes, from its first on', () => {
    expect(tileNodes({ level: 1, index: 1, width: 17 })).toEqual({ level: 8, from: 256, count: 17 });
  });

  test.each([0, 31, 111 * 32, 113 * 32, 256 * 32])('%i bytes are no tile of 112 hashes', (length) => {
    const tile = { level: 0, index: 273, width: 112 };
    const action = (): Uint8Array => nodeInTile(tile, new Uint8Array(length), { level: 0, index: 69_900 });
    expect(codeOf(action)).toBe('malformed');
  });

  test('a node that the tree or the tile does not have is a fault of ours and stops', () => {
    expect(() => tileOfNode({ level: 0, index: size }, size)).toThrow('the tree has the node');
    expect(() => tileOfNode({ level: 4, index: 4375 }, size)).toThrow('the tree has the node');
    const tile = { level: 0, index: 0, width: 2 };
    expect(() => nodeInTile(tile, new Uint8Array(64), { level: 0, index: 2 })).toThrow('in the tile');
    expect(() => nodeInTile(tile, new Uint8Array(64), { level: 8, index: 0 })).toThrow('tile level');
  });
});

describe('entry bundles', () => {
  test('entries come back, of any length', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 256 }), (entries) => {
        expect(bundleEntries(bundleBytes(entries), entries.length)).toEqual(entries);
      }),
    );
  });

  test('an entry of 32 bytes follows its length in two bytes', () => {
    const bytes = bundleBytes([entryAt(7)]);
    expect([bytes.length, bytes[0], bytes[1], bytes[5]]).toEqual([34, 0, 32, 7]);
  });

  test('a bundle cut short, too long, or of another width is refused', () => {
    const bytes = bundleBytes([entryAt(1), entryAt(2)]);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(codeOf(() => bundleEntries(bytes.slice(0, length), 2))).toBe('malformed');
    }
    expect(codeOf(() => bundleEntries(new Uint8Array([...bytes, 0]), 2))).toBe('malformed');
    expect(codeOf(() => bundleEntries(bytes, 1))).toBe('malformed');
    expect(codeOf(() => bundleEntries(bytes, 3))).toBe('malformed');
  });

  test('whatever bytes come, a bundle is read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 4 }), (bytes, width) => {
        expect(['none', 'malformed']).toContain(codeOf(() => bundleEntries(bytes, width)));
      }),
    );
  });
});
