import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, systemRandom } from '@causeway/kernel/system';
import { generateKey } from '@causeway/protocol/keys';
import { parseMemberEntry } from '@causeway/protocol/member-entry';
import { verifyRoot } from '@causeway/protocol/root-chain';
import { afterAll, expect, test } from 'vitest';
import { keyFiles } from '../keys.ts';
import { ceremony } from './ceremony.ts';

const dir = mkdtempSync(join(tmpdir(), 'causeway-ceremony-'));
const options = {
  dir,
  fed: 'test-fed',
  member: 'authority',
  publicUrl: 'http://localhost:7100',
  federationUrl: 'https://localhost:8100',
  hosts: [],
  officers: [generateKey(), generateKey()].map(({ kty, crv, x }) => ({ kty, crv, x })),
};
const { anchor } = ceremony(options, systemClock, systemRandom);
const read = (name: string) => readFileSync(join(dir, name), 'utf8');

afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('the root file holds under the anchor, and names the directory key and the CA', () => {
  const root = verifyRoot([JSON.parse(read(keyFiles.root))], anchor, systemClock.now());
  expect(root.keys.map(({ use, member }) => [use, member])).toEqual([['directory', 'authority']]);
  expect(root.ca).toEqual([read(keyFiles.ca)]);
});

test("the authority's own entry names its certificate its token key, and those of its ledger", () => {
  const entry = parseMemberEntry(read(keyFiles.ownEntry));
  expect(entry.keys.map(({ use }) => use)).toEqual([
    ...[['inquiry'], ['client-auth'], ['access-token'], ['warrant'], ['warrant']],
  ]);
  expect(entry.certificates).toHaveLength(1);
  const trees = ['ledger.jwk', 'witness.jwk'].map((name) => JSON.parse(read(name)) as { x: string });
  expect([entry.ledger_key?.x, entry.witness_key?.x]).toEqual(trees.map(({ x }) => x));
});

test('S34 secrets are readable by their owner alone, and no two files hold the same key', () => {
  const own = ['statement.jwk', 'auth.jwk', 'ledger.jwk', 'witness.jwk'];
  const jwks = [...own, keyFiles.accessToken, keyFiles.directory, keyFiles.rootKey];
  const secrets = [...jwks, 'sealing.key', 'tls-key.pem', keyFiles.caKey, keyFiles.blind];
  for (const name of secrets) expect([name, statSync(join(dir, name)).mode & 0o077]).toEqual([name, 0]);
  expect(new Set(secrets.map(read)).size).toBe(secrets.length);
});

test('a second ceremony in the same place is refused, and changes nothing', () => {
  const before = read(keyFiles.rootKey);
  expect(() => ceremony(options, systemClock, systemRandom)).toThrow(/already/u);
  expect(read(keyFiles.rootKey)).toBe(before);
});
