import type { Clock } from '@causeway/kernel';
import { systemRandom } from '@causeway/kernel/system';
import type { Digest, PrivateJwk, RootFile } from '@causeway/protocol';
import {
  entryDigest,
  generateKey,
  rootFingerprint,
  sign,
  signRoot,
  signingKeyFromJwk,
} from '@causeway/protocol';
import { nextRoot, publicPart } from '@causeway/protocol/federation.fixture';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { createDatabase } from '@causeway/service';
import type { Database } from '@causeway/service';
import { memoryLog } from '@causeway/service/shell.fixture';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { createDirectoryClient } from './directory-client.ts';
import type { DirectoryClient } from './directory-client.ts';

const fed = 'sandbox';
const startMs = Date.UTC(2026, 5, 1, 12);
let nowMs = startMs;
const clock: Clock = { now: () => nowMs, monotonic: () => nowMs };

const [rootKey, nextRootKey, thief] = [generateKey(), generateKey(), generateKey()];
const [oldKey, newKey] = [generateKey(), generateKey()];
const named = (jwk: PrivateJwk) =>
  ({ use: 'directory', member: 'authority', jwk: publicPart(jwk), from: 0 }) as const;
const first = signRoot(
  {
    ...{ v: 1, fed, version: 1, threshold: 1, root_keys: [publicPart(rootKey)], keys: [named(oldKey)] },
    ...{ ca: [], issued_at: startMs / 1000, expires_at: startMs / 1000 + 86_400 },
  },
  [rootKey],
);
/** Names both directory keys, under new root keys. */
const second = nextRoot(
  first,
  { root_keys: [publicPart(nextRootKey)], keys: [named(oldKey), named(newKey)] },
  [rootKey, nextRootKey],
);
/** Names the new directory key alone. */
const third = nextRoot(second, { keys: [named(newKey)] }, [nextRootKey]);

let served: { roots: RootFile[]; head: string };
let rootsAsked: number;
let postgres: TestDatabase;
let database: Database<unknown>;
let client: DirectoryClient;
let lines: () => string;

const text = JSON.stringify({
  ...{ v: 1, id: 'abc-bank', legal_name: 'ABC', roles: ['lender'], class: 'A', jurisdiction: 'CN' },
  ...{ status: 'active', keys: [], endpoints: {}, certificates: [] },
});

/** A head by this key; it names the root file where one is given. */
function headBy(key: PrivateJwk, version: number, root?: RootFile, of = 1): string {
  const claims = {
    ...{ aud: 'all' as const, exp: Math.floor(nowMs / 1000) + 600, version, statement_versions: [1] },
    policy: { version: 'cn-2026.1', digest: entryDigest('policy') },
    ...(root === undefined ? {} : { root: { version: of, digest: rootFingerprint(root) } }),
    entries: [{ member: 'abc-bank', digest: entryDigest(text) }],
  };
  const by = { key: signingKeyFromJwk('authority', key), fed, clock, random: systemRandom };
  return sign('directory', claims, by).jws;
}

async function started(anchor: Digest = rootFingerprint(first)): Promise<DirectoryClient> {
  const { log, lines: all } = memoryLog();
  lines = all;
  const made = createDirectoryClient({
    ...{ authorityUrl: 'http://unused', anchor, fed, clock, log, db: database.db, pollMs: 3_600_000 },
    source: {
      roots: async () => {
        rootsAsked += 1;
        return JSON.stringify(served.roots);
      },
      head: async () => ({ text: JSON.stringify({ head: served.head }), etag: undefined }),
      entry: async () => text,
      proof: async () => undefined,
      close: async () => undefined,
    },
  });
  await made.start();
  return made;
}

beforeEach(async () => {
  nowMs = startMs;
  rootsAsked = 0;
  postgres = await testDatabase({ migrations: 'broker' });
  database = createDatabase({ url: postgres.url, name: 't', log: memoryLog().log });
  served = { roots: [first], head: headBy(oldKey, 1, first) };
  client = await started();
});
afterEach(async () => {
  await client.stop();
  await database.close();
  await postgres.drop();
});

const stored = async (): Promise<number> =>
  (await database.pool.query('SELECT FROM root_file')).rowCount ?? 0;

async function outcome(roots: RootFile[], head: string): Promise<number | string> {
  served = { roots, head };
  try {
    await client.refresh();
  } catch (error) {
    return String(Reflect.get(Object(error), 'code'));
  }
  return client.view().version;
}

describe('S11 a root file is rotated', () => {
  test('S11 n: heads under the old and the new directory key count while both are named', async () => {
    expect(await outcome([first, second], headBy(oldKey, 2, second, 2))).toBe(2);
    expect(await outcome([first, second], headBy(newKey, 3, second, 2))).toBe(3);
    expect(await outcome([first, second], headBy(oldKey, 4, second, 2))).toBe(4);
    expect(rootsAsked).toBe(2);
    expect(client.view().evidence.roots).toEqual([first, second]);
  });

  test('S11 a key that the newest root names no more signs nothing, known as it is', async () => {
    expect(await outcome([first, second, third], headBy(newKey, 2, third, 3))).toBe(2);
    expect(await outcome([first, second, third], headBy(oldKey, 3))).toBe('key_unknown');
    expect(client.view().version).toBe(2);
  });

  test('S11 the anchor stays what was configured, across restarts, and any version may be it', async () => {
    await outcome([first, second, third], headBy(newKey, 2, third, 3));
    await client.stop();
    for (const file of [first, second, third]) {
      client = await started(rootFingerprint(file));
      expect(client.view().version).toBe(2);
      await client.stop();
    }
    expect(await stored()).toBe(3);
  });

  test('a head that needs no newer root asks for none', async () => {
    const before = rootsAsked;
    await outcome([first], headBy(oldKey, 2, first));
    await outcome([first], headBy(oldKey, 3));
    expect(rootsAsked).toBe(before);
  });
});

describe('S32 nobody brings an old root back', () => {
  test.each<[string, () => RootFile[], string]>([
    ['fewer root files', () => [first], 'directory_stale'],
    ['another one in their place', () => [first, nextRoot(first, {}, [rootKey])], 'directory_stale'],
    ['a chain of another beginning', () => [second], 'anchor_mismatch'],
    ['none', () => [], 'anchor_mismatch'],
    [
      'one more that the old quorum has not signed',
      () => [first, second, nextRoot(second, { root_keys: [publicPart(thief)] }, [thief])],
      'signature_invalid',
    ],
  ])(
    'S32 %s: refused with an alarm, and all stays as it was, also after a restart',
    async (_what, roots, code) => {
      await outcome([first, second], headBy(newKey, 2, second, 2));
      const head = headBy(thief, 9);
      expect(await outcome(roots(), head)).toBe(code);
      expect(lines()).toMatch(/"event":"directory_refused".*"alarm":true/u);
      await client.stop();
      client = await started();
      expect(client.view().version).toBe(2);
      expect(await outcome(roots(), head)).toBe(code);
      expect(await stored()).toBe(2);
    },
  );

  test('S32 fewer of them is told as what it is', async () => {
    await outcome([first, second], headBy(newKey, 2, second, 2));
    await outcome([first], headBy(oldKey, 3, first));
    expect(client.view().version).toBe(3);
    await outcome([first], headBy(thief, 4));
    expect(lines()).toMatch(/"event":"root_rollback".*"alarm":true.*"version":1,"known_version":2/u);
  });

  test('S32 a root of another federation is nobody’s', async () => {
    const other = nextRoot(first, { fed: 'other' }, [rootKey]);
    expect(await outcome([first, other], headBy(newKey, 2))).toBe('directory_invalid');
  });

  test('S60 the service can add a root file, and not change or remove one', async () => {
    for (const statement of ['DELETE FROM root_file', "UPDATE root_file SET body = ''", 'TRUNCATE root_file'])
      await expect(database.pool.query(statement)).rejects.toThrow('permission denied');
  });
});

describe('S30 past the end of the root', () => {
  test('nothing is believed until its successor is there, and then all resumes', async () => {
    nowMs += 86_400_000;
    expect(await outcome([first], headBy(oldKey, 2, first))).toBe('expired');
    expect(client.ready()).toBe(false);
    const later = nextRoot(first, { expires_at: startMs / 1000 + 200_000 }, [rootKey]);
    expect(await outcome([first, later], headBy(oldKey, 2, later, 2))).toBe(2);
    expect(client.ready()).toBe(true);
  });
});
