import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startPostgres } from '@causeway/sandbox/postgres';
import type { Postgres } from '@causeway/sandbox/postgres';
import { testDatabase } from '@causeway/sandbox/test-database';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { ConfigError } from './config-error.ts';
import { requireSafeDatabase } from './database-safety.ts';
import { memoryLog } from './shell.fixture.ts';

let server: Postgres;
let url: string;
beforeAll(async () => {
  server = await startPostgres({ dir: mkdtempSync(join(tmpdir(), 'safe-')) });
  ({ url } = await server.createDatabase('safe'));
});
afterAll(async () => await server.stop({ remove: true }));
afterEach(async () => {
  await tell('ALTER SYSTEM RESET ALL', 'SELECT pg_reload_conf()', 'ALTER ROLE safe_app RESET ALL');
});

async function tell(...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: server.superuserUrl });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

/** What the start of a service comes to: its error's message, or nothing where it goes on; and its log. */
async function start(store: { url?: string; unsafeAccepted?: boolean } = {}) {
  const { log, lines } = memoryLog();
  const error: unknown = await requireSafeDatabase({ url, unsafeAccepted: false, ...store, log }).catch(
    (thrown: unknown) => thrown,
  );
  const said = error instanceof ConfigError ? error.message : undefined;
  return {
    said,
    log: lines(),
    other: error === undefined || error instanceof ConfigError ? undefined : error,
  };
}

test('S84 a database that keeps what it commits is taken, and nothing is said', async () => {
  expect(await start()).toEqual({ said: undefined, log: '', other: undefined });
});

test.each([
  ['fsync', ['ALTER SYSTEM SET fsync = off', 'SELECT pg_reload_conf()']],
  ['full_page_writes', ['ALTER SYSTEM SET full_page_writes = off', 'SELECT pg_reload_conf()']],
  ['synchronous_commit', ['ALTER ROLE safe_app SET synchronous_commit = off']],
])('S84 a database with %s off is refused in one sentence that names it', async (name, statements) => {
  await tell(...statements);
  await expect
    .poll(async () => (await start()).said, { timeout: 10_000 })
    .toBe(
      `The store of CAUSEWAY_DATABASE_URL has ${name} off, and may lose what it has accepted: ` +
        'correct it, or set CAUSEWAY_UNSAFE_STORE=accepted for throw-away data.',
    );
});

test.each(['local', 'remote_write'])('a commit that waits for this disk (%s) is enough', async (value) => {
  await tell(`ALTER ROLE safe_app SET synchronous_commit = ${value}`);
  expect((await start()).said).toBeUndefined();
});

test('S84 where the operator has accepted it, each start says so as an alarm', async () => {
  const database = await testDatabase();
  const unsafe = database.url;
  const refused = await start({ url: unsafe });
  expect(refused.said).toContain('fsync off and full_page_writes off and synchronous_commit off');
  const accepted = await start({ url: unsafe, unsafeAccepted: true });
  expect(accepted.said).toBeUndefined();
  expect(accepted.log).toMatch(/"level":"error".*"event":"unsafe_store","alarm":true,"reason":".*fsync off/u);
  await database.drop();
});

test('a database that does not answer is not said to be unsafe', async () => {
  const { said, other } = await start({ url: 'postgres://a@127.0.0.1:1/a' });
  expect(said).toBeUndefined();
  expect(other).toMatchObject({ code: 'ECONNREFUSED' });
});
