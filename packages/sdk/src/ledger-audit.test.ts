import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { appendLeaves, bundleBytes, leafHash, parseTilePath, tileBytes } from '@causeway/ledger';
import { entryAt, flipped, treeOf } from '@causeway/ledger/tree.fixture';
import { ledgerTrust } from '@causeway/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { auditLedger } from './ledger-audit.ts';
import { checkpointOf, ledgerDirectory } from './ledgers.fixture.ts';

/** Three tiles full, and an open one; a level above with an open tile. */
const size = 600;
const tree = treeOf(size);
const good = checkpointOf('broker', tree, ['authority', 'central']);
const trust = ledgerTrust(ledgerDirectory, 'broker');
/** What the node makes of an answer before it serves it, by its path; undefined where it has none. */
let spoil: (path: string, bytes: () => Uint8Array) => Uint8Array | undefined;
let served: string;

const server = createServer((request, response) => {
  const path = (request.url ?? '').slice('/ledger/'.length);
  const bytes = spoil(path, () => (path === 'checkpoint' ? Buffer.from(served) : tileAt(path)));
  if (bytes) response.end(bytes);
  else response.writeHead(404).end('{"code":"not_found","detail":"no"}');
});

function tileAt(path: string): Uint8Array {
  const tile = parseTilePath(path);
  if (tile.level !== 'entries') return tileBytes(tile, tree.read);
  return bundleBytes(Array.from({ length: tile.width }, (_, n) => entryAt(tile.index * 256 + n)));
}

let url: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  served = good;
  spoil = (_path, bytes) => bytes();
});

const at = (path: string, change: (bytes: Uint8Array) => Uint8Array | undefined) => {
  spoil = (asked, bytes) => (asked === path ? change(bytes()) : bytes());
};
const found = async (): Promise<string[]> =>
  (await auditLedger(url, trust)).findings.map(({ what, at: where, detail }) => `${what} ${where} ${detail}`);

test('a ledger that serves what it signed proves itself, and progress goes to its size', async () => {
  const told: number[] = [];
  const audit = await auditLedger(url, trust, { onProgress: (leaves) => told.push(leaves) });
  expect(audit).toMatchObject({ ledger: 'broker', size, witnesses: ['authority', 'central'], findings: [] });
  expect(told.at(-1)).toBe(size);
});

const bitOf = (hash: number): number => hash * 256 + 77;
/** A bit of the nth entry of a bundle, behind the two bytes of its length. */
const entryBit = (n: number): number => n * 272 + 16 + 99;

describe('S51 one bit that is turned is named exactly, and nothing else', () => {
  test.each([
    ['tile/0/001', bitOf(9), 'tile tile/0/001 its hash 9 is not that of the tree'],
    ['tile/0/000', bitOf(255), 'tile tile/0/000 its hash 255 is not that of the tree'],
    ['tile/0/002.p/88', bitOf(3), 'tile tile/0/002.p/88 its hash 3 is not that of the tree'],
    ['tile/1/000.p/2', bitOf(1), 'tile tile/1/000.p/2 its hash 1 is not that of the tree'],
    ['tile/entries/001', entryBit(44), 'leaf 300 is not the one in its tile'],
  ])('in %s', async (path, bit, told) => {
    at(path, (bytes) => flipped(bytes, bit));
    expect(await found()).toEqual([told]);
  });

  test('in an entry that no full tile holds, by the open tile', async () => {
    at('tile/entries/002.p/88', (bytes) => flipped(bytes, entryBit(7)));
    expect(await found()).toEqual([
      `leaf 0-599 not what the checkpoint of size ${size} was signed over`,
      'tile tile/0/002.p/88 its hash 7 is not that of the tree',
    ]);
  });
});

describe('S51 what is not served, or other than its path says, is named', () => {
  test.each([
    ['tile/0/001', 'tile tile/0/001 is missing'],
    ['tile/1/000.p/2', 'tile tile/1/000.p/2 is missing'],
    ['tile/0/002.p/88', 'tile tile/0/002.p/88 is missing'],
    ['tile/entries/001', 'leaf 256-511 is missing, or no digest'],
  ])('%s', async (path, told) => {
    for (const change of [() => undefined, (bytes: Uint8Array) => bytes.subarray(1)]) {
      at(path, change);
      expect(await found()).toEqual([told]);
    }
  });

  test('entries and their tile that are both gone are both named', async () => {
    spoil = (path, bytes) => (path === 'tile/entries/001' || path === 'tile/0/001' ? undefined : bytes());
    expect(await found()).toEqual(['tile tile/0/001 is missing', 'leaf 256-511 is missing, or no digest']);
  });
});

describe('S52 the checkpoint', () => {
  const refused = (code: string) => `checkpoint ${size} its note is refused: ${code}`;
  test.each([
    ['of another member', () => checkpointOf('central', tree, ['authority', 'broker']), 'origin_unexpected'],
    ['with another size', () => good.replace('\n600\n', '\n599\n'), 'signature_invalid'],
    ['that nobody signed', () => good.replace(/\n— [^\n]*broker [^\n]*/u, ''), 'signature_missing'],
  ])('%s is refused', async (_what, text, code) => {
    served = text();
    expect((await found()).some((line) => line.startsWith('checkpoint') && line.endsWith(code))).toBe(true);
  });

  test('over another tree is no proof of the one that is served', async () => {
    served = checkpointOf('broker', treeOf(599), ['authority', 'central']);
    expect(await found()).toEqual([]);
    const other = checkpointOf('broker', treeOf(600), ['authority', 'central']);
    const root = /\n600\n(.*)\n/u.exec(other)?.[1] ?? '';
    served = other.replace(root, Buffer.alloc(32).toString('base64'));
    expect(await found()).toContain(refused('signature_invalid'));
  });

  test('that the ledger signed over another tree of this size speaks against what is served', async () => {
    const { frontier } = appendLeaves(treeOf(size - 1).frontier, [leafHash(entryAt(7777))]);
    served = checkpointOf('broker', { ...tree, frontier }, ['authority', 'central']);
    expect(await found()).toEqual([`leaf 0-599 not what the checkpoint of size ${size} was signed over`]);
  });

  test.each([
    [[], [`checkpoint ${size} too few witnesses have cosigned it`]],
    [['authority'], [`checkpoint ${size} too few witnesses have cosigned it`]],
    [['broker', 'authority'], [`checkpoint ${size} too few witnesses have cosigned it`]],
    [['central', 'consumer'], []],
  ])('that %j have cosigned', async (by, told) => {
    served = checkpointOf('broker', tree, by);
    expect(await found()).toEqual(told);
  });

  test('with a cosignature of another checkpoint names the witness', async () => {
    const foreign = checkpointOf('broker', treeOf(12), ['central']).split('\n').at(-2) ?? '';
    served = `${checkpointOf('broker', tree, ['authority', 'consumer'])}${foreign}\n`;
    expect(await found()).toEqual([`cosignature ${size} central does not hold`]);
  });

  test('that is none is malformed', async () => {
    served = 'hello\n';
    await expect(auditLedger(url, trust)).rejects.toMatchObject({ code: 'malformed' });
  });
});

test('a node that says how large it is and serves nothing is not walked through for ever', async () => {
  served = good.replace('\n600\n', '\n9007199254740991\n');
  spoil = (path, bytes) => (path === 'checkpoint' ? bytes() : undefined);
  await expect(auditLedger(url, trust)).rejects.toMatchObject({ code: 'unavailable' });
});
