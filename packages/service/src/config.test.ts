import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { generateKey } from '@causeway/protocol';
import Type from 'typebox';
import { beforeEach, describe, expect, test } from 'vitest';

import { newAuthority, thumbprint, uri } from './certificates.fixture.ts';
import { ConfigError } from './config-error.ts';
import { loadConfig } from './config.ts';

const authority = newAuthority();
const [first, second] = [1, 2].map(() => authority.issue({ uris: [uri('broker')] }));
let dir: string;
let env: Record<string, string>;
const own = { CAUSEWAY_LANES: Type.Integer({ minimum: 1 }), REDIS_URL: Type.Optional(Type.String()) };

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'keys-'));
  for (const name of ['statement.jwk', 'ledger.jwk', 'witness.jwk'])
    writeFileSync(join(dir, name), JSON.stringify(generateKey()));
  putPair('', first);
  writeFileSync(join(dir, 'sealing.key'), Buffer.alloc(32, 7).toString('base64url'));
  env = {
    PATH: '/bin',
    CAUSEWAY_FED: 'sandbox',
    CAUSEWAY_MEMBER: 'broker',
    CAUSEWAY_PUBLIC_PORT: '7300',
    CAUSEWAY_FEDERATION_PORT: '8300',
    CAUSEWAY_PUBLIC_URL: 'http://localhost:7300',
    CAUSEWAY_DATABASE_URL: 'postgres://app@127.0.0.1/broker',
    CAUSEWAY_AUTHORITY_URL: 'http://localhost:7100',
    CAUSEWAY_ANCHOR: `sha-256:${'A'.repeat(43)}`,
    CAUSEWAY_KEYS_DIR: dir,
    CAUSEWAY_LANES: '3',
  };
});

function putPair(suffix: string, pair = first): void {
  writeFileSync(join(dir, `tls-key${suffix}.pem`), pair?.key ?? '');
  writeFileSync(join(dir, `tls-cert${suffix}.pem`), pair?.cert ?? '');
  writeFileSync(join(dir, 'ca-cert.pem'), pair?.ca ?? '');
}

test('reads the common variables, the service’s own, and the keys', () => {
  const { common, own: mine } = loadConfig(own, env);
  expect(common).toMatchObject({ fed: 'sandbox', host: '127.0.0.1', publicPort: 7300, metrics: 'public' });
  const { statements, pairs } = common.keys.held();
  expect(statements.map(({ member }) => member)).toEqual(['broker']);
  expect(pairs.map((pair) => pair.thumbprint)).toEqual([first && thumbprint(first)]);
  expect(common.keys.sealing).toHaveLength(32);
  const { ledger, witness } = common.keys;
  expect([ledger.seed.length, witness.seed.length]).toEqual([32, 32]);
  expect(ledger.jwk.x).not.toBe(witness.jwk.x);
  expect(mine).toEqual({ CAUSEWAY_LANES: 3 });
});

test('S84 an unsafe store is accepted only by the word for it', () => {
  expect(loadConfig(own, env).common.unsafeStoreAccepted).toBe(false);
  const { common } = loadConfig(own, { ...env, CAUSEWAY_UNSAFE_STORE: 'accepted' });
  expect(common.unsafeStoreAccepted).toBe(true);
});

test('a value may come from a file', () => {
  const file = join(dir, 'url');
  writeFileSync(file, 'postgres://secret@127.0.0.1/broker\n');
  const { CAUSEWAY_DATABASE_URL: _, ...rest } = env;
  const { common } = loadConfig(own, { ...rest, CAUSEWAY_DATABASE_URL_FILE: file });
  expect(common.databaseUrl).toBe('postgres://secret@127.0.0.1/broker');
});

test.each([
  ['a missing one', { CAUSEWAY_FED: undefined }, 'CAUSEWAY_FED is not set.'],
  ['an empty one', { CAUSEWAY_MEMBER: '' }, 'CAUSEWAY_MEMBER is not set.'],
  ['a missing one of its own', { CAUSEWAY_LANES: undefined }, 'CAUSEWAY_LANES is not set.'],
  ['a misspelt one', { CAUSEWAY_DATABASE_ULR: 'x' }, 'CAUSEWAY_DATABASE_ULR is not a setting'],
  ['a file for an unknown one', { CAUSEWAY_SECRET_FILE: 'x' }, 'CAUSEWAY_SECRET_FILE is not a setting'],
  ['one given twice', { CAUSEWAY_FED_FILE: '/etc/hostname' }, 'both set'],
  ['an unreadable file', { CAUSEWAY_DATABASE_OWNER_URL_FILE: '/nowhere' }, 'cannot be read: /nowhere'],
  ['an unsafe store not quite accepted', { CAUSEWAY_UNSAFE_STORE: 'true' }, 'CAUSEWAY_UNSAFE_STORE is not'],
  ['a port that is no number', { CAUSEWAY_PUBLIC_PORT: '73OO' }, 'CAUSEWAY_PUBLIC_PORT is not usable'],
  ['a port in hexadecimal', { CAUSEWAY_PUBLIC_PORT: '0x1c84' }, 'CAUSEWAY_PUBLIC_PORT is not usable'],
  ['a port too high', { CAUSEWAY_PUBLIC_PORT: '70000' }, 'CAUSEWAY_PUBLIC_PORT is not usable'],
  ['a URL with a path', { CAUSEWAY_PUBLIC_URL: 'http://localhost/x' }, 'CAUSEWAY_PUBLIC_URL is not usable'],
  ['a member that is no id', { CAUSEWAY_MEMBER: '../broker' }, 'CAUSEWAY_MEMBER is not usable'],
  ['an anchor cut short', { CAUSEWAY_ANCHOR: 'sha-256:AAA' }, 'CAUSEWAY_ANCHOR is not usable'],
  ['an unknown level', { LOG_LEVEL: 'verbose' }, 'LOG_LEVEL is not usable'],
  ['no keys', { CAUSEWAY_KEYS_DIR: '/nowhere' }, 'cannot be read'],
])('S90 the start is refused with one sentence: %s', (_what, change, sentence) => {
  expect(() => loadConfig(own, { ...env, ...change })).toThrow(sentence);
});

test.each([
  ['statement.jwk', '{"kty":"OKP","crv":"Ed25519","x":"AAAA","d":"very-secret"}'],
  ['statement.jwk', 'very-secret'],
  ['sealing.key', 'very-secret'],
  ['ledger.jwk', '{"kty":"OKP","crv":"Ed25519","x":"AAAA","d":"very-secret"}'],
  ['witness.jwk', 'very-secret'],
])('S34 a broken %s is named, and its content is not', (name, text) => {
  writeFileSync(join(dir, name), text);
  expect(() => loadConfig(own, env)).toThrow(name);
  expect(() => loadConfig(own, env)).not.toThrow('very-secret');
});

test.each(['ledger.jwk', 'witness.jwk'])('S90 a node without its %s does not start', (name) => {
  rmSync(join(dir, name));
  expect(() => loadConfig(own, env)).toThrow(`${name} cannot be read`);
});

test('S90 one key for checkpoints and for cosignatures is refused', () => {
  copyFileSync(join(dir, 'ledger.jwk'), join(dir, 'witness.jwk'));
  expect(() => loadConfig(own, env)).toThrow('two different keys');
});

describe('S11 a key folder is looked at again', () => {
  test('S11 and its new statement keys and certificates are there beside the old ones', () => {
    const { keys } = loadConfig(own, env).common;
    const before = keys.held();
    expect(keys.reload()).toBe(false);
    expect(keys.held()).toBe(before);
    writeFileSync(join(dir, 'statement-2.jwk'), JSON.stringify(generateKey()));
    putPair('-2', second);
    expect(keys.reload()).toBe(true);
    const { statements, pairs } = keys.held();
    expect([statements.length, pairs.length]).toEqual([2, 2]);
    expect(statements.map(({ kid }) => kid)).toContain(before.statements[0]?.kid);
  });

  test('S11 a key that is gone is gone, and the last one of its kind cannot go', () => {
    writeFileSync(join(dir, 'statement-2.jwk'), JSON.stringify(generateKey()));
    const { keys } = loadConfig(own, env).common;
    rmSync(join(dir, 'statement.jwk'));
    expect(keys.reload()).toBe(true);
    expect(keys.held().statements).toHaveLength(1);
    rmSync(join(dir, 'statement-2.jwk'));
    expect(() => keys.reload()).toThrow('statement.jwk cannot be read');
    expect(keys.held().statements).toHaveLength(1);
  });

  test.each<[string, string, string]>([
    ['half of a key', 'statement-2.jwk', '{"kty":"OKP"'],
    ['a certificate without its key', 'tls-cert-2.pem', second?.cert ?? ''],
    ['no certificate', 'tls-cert.pem', 'x'],
    ['the certificate of another key', 'tls-cert.pem', second?.cert ?? ''],
  ])('S90 %s is named, and all stays as it was', (_what, name, text) => {
    const { keys } = loadConfig(own, env).common;
    const before = keys.held();
    writeFileSync(join(dir, name), text);
    expect(() => keys.reload()).toThrow(name.replace('tls-cert-2', 'tls-key-2'));
    expect(keys.held()).toBe(before);
    expect(() => loadConfig(own, env)).toThrow(ConfigError);
  });

  test('what only looks like a key file is none', () => {
    for (const name of ['statement-2.jwk.tmp', 'statement-.jwk', 'xstatement.jwk', 'tls-cert-2.pem.tmp']) {
      writeFileSync(join(dir, name), 'x');
    }
    expect(loadConfig(own, env).common.keys.held().statements).toHaveLength(1);
  });
});
