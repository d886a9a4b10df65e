import { freePort } from '@causeway/sandbox/ports';
import { type TestDatabase, testDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningAuthority, startAuthority } from '../test-kit/running-authority.ts';

let database: TestDatabase;
let authority: RunningAuthority;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'authority' });
  authority = await startAuthority({ databaseUrl: database.url, port: await freePort() });
});

afterAll(async () => {
  await authority.stop();
  await database.drop();
});

test('a fresh authority is ready and serves a directory that names itself', async () => {
  const ready = await fetch(`${authority.url}/readyz`);
  expect(await ready.json()).toMatchObject({ status: 'ready' });
  const answer = await fetch(`${authority.url}/directory`);
  expect(answer.headers.get('etag')).toBe('"1"');
});
