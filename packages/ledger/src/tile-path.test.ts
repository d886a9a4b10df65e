import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Tile } from './tile.ts';
import { parseTilePath, tilePath } from './tile-path.ts';
import { codeOf } from './tree.fixture.ts';

// The first three are the examples of C2SP tlog-tiles; the fourth is of golang.org/x/mod/sumdb/tlog, its height left out.
test.each<[string, Tile]>([
  ['tile/0/x001/x234/067', { level: 0, index: 1_234_067, width: 256 }],
  ['tile/0/273.p/112', { level: 0, index: 273, width: 112 }],
  ['tile/2/000.p/1', { level: 2, index: 0, width: 1 }],
  ['tile/5/x123/x456/078.p/2', { level: 5, index: 123_456_078, width: 2 }],
  ['tile/entries/x001/000', { level: 'entries', index: 1000, width: 256 }],
  ['tile/63/x009/x007/x199/x254/x740/991', { level: 63, index: 2 ** 53 - 1, width: 256 }],
])('%s is read and written', (path, tile) => {
  expect(parseTilePath(path)).toEqual(tile);
  expect(tilePath(tile)).toBe(path);
});

test('every tile has a path, and it is read as that tile', () => {
  const level = fc.oneof(fc.constant('entries' as const), fc.nat(63));
  const index = fc.oneof(fc.nat(2000), fc.maxSafeNat());
  fc.assert(
    fc.property(level, index, fc.integer({ min: 1, max: 256 }), (...[of, at, width]) => {
      const tile = { level: of, index: at, width };
      expect(parseTilePath(tilePath(tile))).toEqual(tile);
    }),
  );
});

test.each([
  '',
  'tile/0',
  'tile/0/0',
  'tile/0/00',
  'tile/0/0000',
  'tile/00/000',
  'tile/64/000',
  'tile/-1/000',
  'tile/1e1/000',
  'tile/data/000',
  'tile/0/x000/001',
  'tile/0/001/002',
  'tile/0/x001',
  'tile/0/x001/x002',
  'tile/0/X001/002',
  'tile/0/x123/x456/x789/x123/x456/x789/000',
  'tile/0/x009/x007/x199/x254/x740/992',
  'tile/0/000.p/0',
  'tile/0/000.p/01',
  'tile/0/000.p/256',
  'tile/0/000.p/999',
  'tile/0/000.p/',
  'tile/0/000.P/1',
  'tile/0/000.p/1/',
  'tile/0/000/',
  'tile/0/000\n',
  'tile/0/000?',
  ' tile/0/000',
  '/tile/0/000',
  'tile/../0/000',
  'tile/0/٠٠٠',
])('%j is no path of a tile', (path) => {
  expect(codeOf(() => parseTilePath(path))).toBe('malformed');
});

test('whatever text comes, it is the one spelling of a tile or refused', () => {
  const piece = fc.constantFrom(
    'tile',
    'entries',
    '/',
    '0',
    '1',
    '00',
    '000',
    '123',
    'x001',
    '.p/',
    '256',
    'p',
    'x',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(text, (path) => {
      if (codeOf(() => parseTilePath(path)) === 'none') expect(tilePath(parseTilePath(path))).toBe(path);
    }),
    { numRuns: 1000 },
  );
});
