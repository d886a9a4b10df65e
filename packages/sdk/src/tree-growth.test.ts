import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LedgerError, parseTilePath, rootOf, tileBytes } from '@causeway/ledger';
import { flipped, treeOf } from '@causeway/ledger/tree.fixture';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { compareOffline } from './leaf-proof.ts';
import { proveGrowth } from './tree-growth.ts';

const tree = treeOf(700);
/** What the node makes of a tile before it serves it. */
let served: (bytes: Uint8Array) => Uint8Array | undefined;
let asked = 0;

/** A node's tiles, whatever size they are asked at. */
const server = createServer((request, response) => {
  asked += 1;
  const tile = parseTilePath((request.url ?? '').slice('/ledger/'.length));
  const bytes = served(tileBytes(tile, tree.read));
  if (bytes) response.end(bytes);
  else response.destroy();
});
let url: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  served = (bytes) => bytes;
  asked = 0;
});

const at = (size: number) => ({ size, root: rootOf(treeOf(size).frontier) });
const another = (size: number) => ({ size, root: flipped(at(size).root, 9) });

test.each([
  [1, 700],
  [256, 257],
  [300, 512],
  [699, 700],
  [255, 700],
])(
  'the tree of %d leaves is the beginning of that of %d, in whatever order they are named',
  async (old, grown) => {
    await expect(proveGrowth(url, at(old), at(grown))).resolves.toBeUndefined();
    await expect(proveGrowth(url, at(grown), at(old))).resolves.toBeUndefined();
  },
);

test('trees of one size need nobody, and have one root', async () => {
  await expect(proveGrowth(url, at(300), at(300))).resolves.toBeUndefined();
  await expect(proveGrowth(url, at(300), another(300))).rejects.toMatchObject({ code: 'proof_invalid' });
  expect(asked).toBe(0);
  expect(compareOffline(at(300), at(300))).toBe('same');
  expect(compareOffline(at(300), at(301))).toBe('unproven');
  expect(() => compareOffline(at(300), another(300))).toThrow(LedgerError);
});

test('another history is refused, whichever of the two is the false one', async () => {
  for (const [old, grown] of [
    [another(300), at(700)],
    [at(300), another(700)],
  ] as const) {
    await expect(proveGrowth(url, old, grown)).rejects.toMatchObject({ code: 'proof_invalid' });
  }
});

test('hashes that are not the tree’s are refused, whoever sends them', async () => {
  served = (bytes) => flipped(bytes, 77);
  await expect(proveGrowth(url, at(255), at(700))).rejects.toThrow(LedgerError);
  served = (bytes) => bytes.subarray(1);
  await expect(proveGrowth(url, at(255), at(700))).rejects.toMatchObject({ code: 'malformed' });
});

test('a node that does not answer shows nothing either way', async () => {
  served = () => undefined;
  await expect(proveGrowth(url, at(255), at(700))).rejects.toMatchObject({ code: 'unavailable' });
});
