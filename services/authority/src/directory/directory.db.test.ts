import { systemClock, systemRandom } from '@causeway/kernel/system';
import { createDirectoryClient } from '@causeway/member/directory-client';
import { sha256Digest } from '@causeway/protocol/digest';
import { generateKey, signingKeyFromJwk } from '@causeway/protocol/keys';
import { type MemberEntry, entryDigest } from '@causeway/protocol/member-entry';
import { NATIONAL_POLICY } from '@causeway/policy';
import { rootFingerprint, signRoot } from '@causeway/protocol/root';
import { verifyRoot } from '@causeway/protocol/root-chain';
import { freePort } from '@causeway/sandbox/ports';
import { type TestDatabase, testDatabase } from '@causeway/sandbox/test-database';
import { type Database, createDatabase, transaction } from '@causeway/service/database';
import { createLog } from '@causeway/service/log';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { putEntry } from '../admission/repository.ts';
import type { AuthorityTables } from '../tables.ts';
import { publicPart } from '../test-kit/officers.ts';
import { startAuthority } from '../test-kit/running-authority.ts';
import { queryOwner } from '../test-kit/written.ts';
import { RESIGN_AFTER_MS } from './head.ts';
import { publish } from './publish.ts';
import { newestHead, storedDirectory } from './repository.ts';

const log = createLog({ name: 'test', level: 'silent' });
const fed = 'test-fed';
const directoryKey = generateKey();
const policy = { version: 'cn-2026.1', digest: sha256Digest('policy') };
let file: TestDatabase;
let database: Database<AuthorityTables>;

beforeEach(async () => {
  file = await testDatabase({ migrations: 'authority' });
  database = createDatabase<AuthorityTables>({ url: file.url, name: 'test', log });
});

afterEach(async () => {
  await database.close();
  await file.drop();
});

/** A signer whose clock is `aheadMs` ahead of the real one. */
const signer = (aheadMs = 0) => ({
  key: signingKeyFromJwk('authority', directoryKey),
  fed,
  clock: { now: () => systemClock.now() + aheadMs, monotonic: () => systemClock.monotonic() },
  random: systemRandom,
});

const entryOf = (id: string, status: MemberEntry['status'] = 'active'): string =>
  JSON.stringify({
    v: 1,
    id,
    legal_name: `${id} Ltd`,
    roles: ['lender'],
    class: 'A',
    jurisdiction: 'CN',
    status,
    keys: [],
    endpoints: {},
    certificates: [],
  });

async function put(text: string, member: string): Promise<void> {
  await transaction(database.db, (trx) => putEntry(trx, { text, member, act: null, atMs: 0 }));
}

describe('S32 the signed directory', () => {
  test('S32 a version is signed when something changed, and only then', async () => {
    await put(entryOf('abc-bank'), 'abc-bank');
    expect(await publish(database.db, { policy }, signer())).toBe(1);
    expect(await publish(database.db, { policy }, signer())).toBe(1);
    await put(entryOf('abc-bank', 'suspended'), 'abc-bank');
    expect(await publish(database.db, { policy }, signer())).toBe(2);
    await put(entryOf('abc-bank'), 'abc-bank');
    expect(await publish(database.db, { policy }, signer())).toBe(3);
  });

  test('S32 a head that grows old is followed by the next version without any change', async () => {
    await publish(database.db, { policy }, signer());
    expect(await publish(database.db, { policy }, signer(RESIGN_AFTER_MS - 5000))).toBe(1);
    expect(await publish(database.db, { policy }, signer(RESIGN_AFTER_MS + 5000))).toBe(2);
  });

  test('S32 twenty signers at once sign one head', async () => {
    await put(entryOf('abc-bank'), 'abc-bank');
    const versions = await Promise.all(
      Array.from({ length: 20 }, () => publish(database.db, { policy }, signer())),
    );
    expect(new Set(versions)).toEqual(new Set([1]));
    const heads = await queryOwner(file.ownerUrl, 'SELECT version FROM directory_version');
    expect(heads).toHaveLength(1);
  });

  test('S32 every head has one ledger entry', async () => {
    await publish(database.db, { policy }, signer());
    await put(entryOf('abc-bank'), 'abc-bank');
    await publish(database.db, { policy }, signer());
    const heads = await queryOwner(file.ownerUrl, 'SELECT digest FROM directory_version ORDER BY version');
    const leaves = await queryOwner(
      file.ownerUrl,
      "SELECT digest FROM leaf_staging WHERE typ = 'directory' ORDER BY id",
    );
    expect(leaves).toEqual(heads);
  });

  test('S32 the service cannot change or remove a head, an entry, an act or a certificate', async () => {
    await put(entryOf('abc-bank'), 'abc-bank');
    await publish(database.db, { policy }, signer());
    for (const table of ['directory_version', 'member_entry', 'officer_act', 'certificate']) {
      const attempts = [sql`DELETE FROM ${sql.table(table)}`, sql`TRUNCATE ${sql.table(table)}`];
      for (const attempt of attempts)
        await expect(attempt.execute(database.db)).rejects.toThrow(/permission denied/u);
    }
    const rewrite = sql`UPDATE directory_version SET head = ''`.execute(database.db);
    await expect(rewrite).rejects.toThrow(/permission denied/u);
    const alter = sql`UPDATE member_entry SET body = ''`.execute(database.db);
    await expect(alter).rejects.toThrow(/permission denied/u);
  });

  test('S32 a node follows what is stored, and refuses a head of another key', async () => {
    await put(entryOf('abc-bank'), 'abc-bank');
    await publish(database.db, { policy }, signer());
    const honest = client(directoryKey);
    await honest.start();
    expect(honest.view().member('abc-bank')?.legal_name).toBe('abc-bank Ltd');
    await honest.stop();
    const stranger = client(generateKey());
    await stranger.start();
    expect(() => stranger.view()).toThrow(/not_ready/u);
    await stranger.stop();
  });

  /** A node that trusts a root naming this directory key. */
  function client(key: typeof directoryKey) {
    const rootKey = generateKey();
    const from = Math.floor(systemClock.now() / 1000) - 10;
    const root = signRoot(
      {
        v: 1,
        fed,
        version: 1,
        threshold: 1,
        root_keys: [publicPart(rootKey)],
        keys: [{ use: 'directory', member: 'authority', jwk: publicPart(key), from }],
        ca: [],
        issued_at: from,
        expires_at: from + 86_400,
      },
      [rootKey],
    );
    const anchor = rootFingerprint(root);
    const newest = verifyRoot([root], anchor, systemClock.now());
    const source = storedDirectory(database.db, { newest: () => newest });
    const { db } = database;
    return createDirectoryClient({
      authorityUrl: 'http://unused',
      anchor,
      fed,
      clock: systemClock,
      log,
      db,
      source,
    });
  }
});

describe('the directory pages', () => {
  test('304 for the same version, entries byte for byte, 404 for what is not there', async () => {
    const authority = await startAuthority({ databaseUrl: file.url, port: await freePort() });
    try {
      const first = await fetch(`${authority.url}/directory`);
      const etag = first.headers.get('etag') ?? '';
      const same = await fetch(`${authority.url}/directory`, { headers: { 'if-none-match': etag } });
      expect([same.status, await same.text()]).toEqual([304, '']);
      const other = await fetch(`${authority.url}/directory`, { headers: { 'if-none-match': '"0"' } });
      expect(other.status).toBe(200);
      const [row] = await queryOwner(file.ownerUrl, "SELECT entry FROM member WHERE id = 'authority'");
      const digest = String(row?.['entry']);
      const text = await (await fetch(`${authority.url}/directory/entries/${digest}`)).text();
      expect(entryDigest(text)).toBe(digest);
      const absent = await fetch(`${authority.url}/directory/entries/${sha256Digest('nothing')}`);
      expect(absent.status).toBe(404);
      const malformed = await fetch(`${authority.url}/directory/entries/..%2froot`);
      expect(malformed.status).toBe(400);
      const policies = await fetch(`${authority.url}/policies`);
      expect(await policies.json()).toMatchObject({ version: NATIONAL_POLICY.version });
      expect((await fetch(`${authority.url}/schemas`)).status).toBe(200);
    } finally {
      await authority.stop();
    }
  });

  test('a signer that is killed is started again and signs on', async () => {
    const authority = await startAuthority({ databaseUrl: file.url, port: await freePort() });
    try {
      const pid = /"pid":(\d+)[^\n]*"child_started"|"child_started"[^\n]*"pid":(\d+)/u;
      const line = authority
        .output()
        .split('\n')
        .find((text) => text.includes('directory-signer') && pid.test(text));
      const match = pid.exec(line ?? '');
      process.kill(Number(match?.[1] ?? match?.[2]), 'SIGKILL');
      await put(entryOf('late-bank'), 'late-bank');
      await expect.poll(async () => (await newestHead(database.db))?.version, { timeout: 15_000 }).toBe(2);
    } finally {
      await authority.stop();
    }
  });
});
