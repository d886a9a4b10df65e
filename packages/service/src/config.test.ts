import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { generateKey } from '@causeway/protocol';
import Type from 'typebox';
import { beforeEach, expect, test } from 'vitest';

import { loadConfig } from './config.ts';

let dir: string;
let env: Record<string, string>;
const own = { CAUSEWAY_LANES: Type.Integer({ minimum: 1 }), REDIS_URL: Type.Optional(Type.String()) };

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'keys-'));
  writeFileSync(join(dir, 'statement.jwk'), JSON.stringify(generateKey()));
  for (const name of ['tls-key.pem', 'tls-cert.pem', 'ca-cert.pem']) writeFileSync(join(dir, name), name);
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

test('reads the common variables, the service’s own, and the keys', () => {
  const { common, own: mine } = loadConfig(own, env);
  expect(common).toMatchObject({ fed: 'sandbox', host: '127.0.0.1', publicPort: 7300, metrics: 'public' });
  expect(common.keys.statement.kid).toMatch(/^broker:/u);
  expect(common.keys.sealing).toHaveLength(32);
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
])('S34 a broken %s is named, and its content is not', (name, text) => {
  writeFileSync(join(dir, name), text);
  expect(() => loadConfig(own, env)).toThrow(name);
  expect(() => loadConfig(own, env)).not.toThrow('very-secret');
});
