import { bundleBytes, tileBytes, tilePath } from '@causeway/ledger';

import { ledgerJudges } from './ledger-judges.ts';
import { numberedEntry, numberedNode } from './sample-tree.ts';
import { sentAsBase64, vectorsBy, type Values, type VectorFile } from './vector.ts';

/** Paths of tiles and bundles. */
export function tilePathFile(): VectorFile {
  const vector = vectorsBy(ledgerJudges['tile-paths']);
  const shown = [
    'tile/0/000',
    'tile/0/001.p/1',
    'tile/1/255.p/255',
    'tile/63/999',
    'tile/0/x001/000',
    'tile/entries/x001/x234/067',
    'tile/entries/x001/x234/067.p/8',
    'tile/0/x009/x007/x199/x254/x740/991',
  ];
  const refused: [string, string][] = [
    ['nothing', ''],
    ['a slash in front', '/tile/0/000'],
    ['the ledger’s prefix', 'ledger/tile/0/000'],
    ['a level with a leading zero', 'tile/00/000'],
    ['a level above 63', 'tile/64/000'],
    ['a level that is none', 'tile/data/000'],
    ['a group of two digits', 'tile/0/67'],
    ['a group of four digits', 'tile/0/1234'],
    ['the last group after an x', 'tile/0/x001/x234/x067'],
    ['a group without x that is not the last', 'tile/0/001/067'],
    ['a leading group of zeros', 'tile/0/x000/067'],
    ['an index of 2^53', 'tile/0/x009/x007/x199/x254/x740/992'],
    ['a width of 0', 'tile/0/000.p/0'],
    ['a width of 256', 'tile/0/000.p/256'],
    ['a width with a leading zero', 'tile/0/000.p/08'],
    ['a width missing', 'tile/0/000.p/'],
    ['an ending', 'tile/0/000.json'],
    ['a newline behind', 'tile/0/000\n'],
    ['other digits', 'tile/0/٠٠٠'],
  ];
  return {
    about: 'Paths below the ledger’s prefix. A full tile is 256 wide.',
    common: {},
    vectors: [
      ...shown.map((path) => vector(`${path} is a tile`, 'shown', { path })),
      ...refused.map(([comment, path]) => vector(comment, 'malformed', { path })),
    ],
  };
}

/** Which tile holds a node. */
export function tileOfNodeFile(): VectorFile {
  const vector = vectorsBy(ledgerJudges['tile-of-node']);
  const nodes: [number, number, number][] = [
    [0, 0, 1],
    [0, 255, 256],
    [0, 256, 257],
    [3, 2, 100],
    [7, 1, 256],
    [8, 0, 256],
    [8, 272, 70_000],
    [15, 1, 70_000],
    [16, 0, 70_000],
    [0, 69_999, 70_000],
    [0, 2 ** 53 - 2, 2 ** 53 - 1],
  ];
  return {
    about: 'The tile that holds the node of a level and index, in the tree of `size` leaves.',
    common: {},
    vectors: nodes.map(([level, index, size]) =>
      vector(`node ${index} of level ${level} among ${size} leaves`, 'shown', { level, index, size }),
    ),
  };
}

/** Hashes out of tiles. */
export function tileFile(): VectorFile {
  const vector = vectorsBy(ledgerJudges.tiles);
  const tile = (level: number, index: number, width: number): Values => {
    const named = { level, index, width };
    return { path: tilePath(named), tile: sentAsBase64(tileBytes(named, numberedNode)) };
  };
  const bytes = tileBytes({ level: 0, index: 0, width: 5 }, numberedNode);
  const short = { path: 'tile/0/000.p/5', level: 0, index: 0 };
  return {
    about: 'The hash of a node from the tile that holds it. Entries as in roots.json.',
    common: {},
    vectors: [
      vector('a leaf', 'shown', { ...tile(0, 0, 5), level: 0, index: 3 }),
      vector('a node over two leaves', 'shown', { ...tile(0, 0, 5), level: 1, index: 1 }),
      vector('a node over four leaves', 'shown', { ...tile(0, 0, 5), level: 2, index: 0 }),
      vector('a leaf of the second tile', 'shown', { ...tile(0, 1, 3), level: 0, index: 258 }),
      vector('a node that is a hash of the upper tile', 'shown', { ...tile(1, 0, 2), level: 8, index: 1 }),
      vector('a node above the upper tile’s hashes', 'shown', { ...tile(1, 0, 2), level: 9, index: 0 }),
      vector('no bytes', 'malformed', { ...short, tile: sentAsBase64() }),
      vector('a byte too few', 'malformed', { ...short, tile: sentAsBase64(bytes.slice(1)) }),
      vector('a byte too many', 'malformed', { ...short, tile: sentAsBase64(bytes, Uint8Array.of(0)) }),
      vector('fewer hashes than the path says', 'malformed', {
        ...short,
        tile: sentAsBase64(bytes.slice(32)),
      }),
    ],
  };
}

/** Entry bundles. */
export function bundleFile(): VectorFile {
  const vector = vectorsBy(ledgerJudges.bundles);
  const entries = [0, 1, 2].map(numberedEntry);
  const path = 'tile/entries/000.p/3';
  const bytes = bundleBytes(entries);
  const bundle = (...parts: Uint8Array[]): Values => ({ path, bundle: sentAsBase64(...parts) });
  const first = entries[0] ?? new Uint8Array();
  return {
    about: 'The digests that the entries of a bundle stand for. Entries as in roots.json.',
    common: {},
    vectors: [
      vector('three entries', 'shown', bundle(bytes)),
      vector('one entry', 'shown', {
        path: 'tile/entries/x001/000.p/1',
        bundle: sentAsBase64(bundleBytes([first])),
      }),
      vector('no bytes', 'malformed', bundle()),
      vector('an entry fewer than the path says', 'malformed', bundle(bundleBytes(entries.slice(1)))),
      vector('an entry more than the path says', 'malformed', bundle(bundleBytes([...entries, first]))),
      vector('a byte too few', 'malformed', bundle(bytes.slice(0, -1))),
      vector('a byte too many', 'malformed', bundle(bytes, Uint8Array.of(0))),
      vector('half a length at the end', 'malformed', bundle(bytes.slice(0, 69))),
      vector('an entry of 31 bytes', 'malformed', bundle(bundleBytes([first, first, first.slice(1)]))),
      vector('an entry of 33 bytes', 'malformed', {
        path: 'tile/entries/000.p/1',
        bundle: sentAsBase64(Uint8Array.of(0, 33), first, Uint8Array.of(0)),
      }),
      vector('a length of 288', 'malformed', {
        path: 'tile/entries/000.p/1',
        bundle: sentAsBase64(Uint8Array.of(1, 32), first),
      }),
      vector('a length in the other byte order', 'malformed', {
        path: 'tile/entries/000.p/1',
        bundle: sentAsBase64(Uint8Array.of(32, 0), first),
      }),
    ],
  };
}
