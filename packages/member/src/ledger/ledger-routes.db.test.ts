import { noFaults, systemClock, systemRandom } from '@causeway/kernel';
import { bundleEntries, digestOf, noteSigner, openCheckpoint, parseProof } from '@causeway/ledger';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { createDatabase, createLog, createMetrics, publicApp } from '@causeway/service';
import type { App, Database } from '@causeway/service';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createIntegrator } from './integrator.ts';
import { ledgerRoutes } from './ledger-routes.ts';
import { openLedgerStore } from './ledger-store.ts';
import { appendLeaves, leafDigest } from './placed-leaves.fixture.ts';
import { requireProven } from './proven-ledger.fixture.ts';

const log = createLog({ name: 'test', level: 'silent' });
const clock = systemClock;
const signer = noteSigner('causeway/test/broker', 'note', new Uint8Array(32).fill(7));
const known = { origin: 'causeway/test/broker', keys: [signer.key] };
let server: TestDatabase;
let database: Database<unknown>;
let app: App;
/** What the checkpoint answered while there was none. */
let before: number;

beforeAll(async () => {
  server = await testDatabase({ migrations: 'broker' });
  database = createDatabase({ url: server.url, name: 'test', log });
  app = await publicApp({
    ...{ log, clock, random: systemRandom, name: 'broker', title: 'Broker', metrics: createMetrics() },
  });
  const { pool } = database;
  ledgerRoutes(app, openLedgerStore(pool, { operator: 'broker', authority: 'authority' }));
  before = (await app.inject('/ledger/checkpoint')).statusCode;
  await appendLeaves(pool, 300);
  await createIntegrator({ pool, signer, clock, faults: noFaults, maySign: () => true }).integrate();
  await appendLeaves(pool, 1);
});
afterAll(async () => {
  await app.close();
  await requireProven(database.pool, signer);
  await database.close();
  await server.drop();
});

test('before the first leaf there is no checkpoint', () => expect(before).toBe(404));

test('S47 the checkpoint is a signed note, never from a cache', async () => {
  const { body, headers } = await app.inject('/ledger/checkpoint');
  expect(openCheckpoint(body, known).size).toBe(300);
  expect([headers['content-type'], headers['cache-control']]).toEqual([
    'text/plain; charset=utf-8',
    'no-cache',
  ]);
});

test.each([
  ['/ledger/tile/0/000', 256 * 32],
  ['/ledger/tile/0/000.p/1', 32],
  ['/ledger/tile/0/001.p/44', 44 * 32],
  ['/ledger/tile/1/000.p/1', 32],
  ['/ledger/tile/entries/000', 256 * 34],
  ['/ledger/tile/entries/001.p/44', 44 * 34],
])('a tile is there for ever: %s', async (url, bytes) => {
  const { headers, rawPayload, statusCode } = await app.inject(url);
  expect([statusCode, rawPayload.length]).toEqual([200, bytes]);
  expect(headers['content-type']).toBe('application/octet-stream');
  expect(headers['cache-control']).toMatch(/^public, max-age=[0-9]+, immutable$/u);
});

test('an entry bundle holds the digests of statements', async () => {
  const { rawPayload } = await app.inject('/ledger/tile/entries/001.p/44');
  const digests = bundleEntries(rawPayload, 44).map(digestOf);
  expect([digests[0], digests[43]]).toEqual([leafDigest(256), leafDigest(299)]);
});

test.each([
  '/ledger/tile/0/001',
  '/ledger/tile/0/001.p/45',
  '/ledger/tile/entries/001.p/45',
  '/ledger/tile/1/000',
  '/ledger/tile/2/000.p/1',
  '/ledger/tile/0/0',
  '/ledger/tile/0/x000/000',
  '/ledger/tile/00/000',
  '/ledger/tile/0/000.p/256',
  '/ledger/tile/0/000.p/0',
  '/ledger/tile/0/000.p/01',
  '/ledger/tile/0/000/',
  '/ledger/tile/0/%300%30',
  '/ledger/tile/0/000?x=1',
  '/ledger/tile/-1/000',
  '/ledger/tile/0/x999/x999/x999/x999/x999/999',
  '/ledger/tile/64/000',
  '/ledger/tile/data/000',
])('beyond the checkpoint, or in another spelling, there is no tile: %s', async (url) => {
  const { headers, statusCode } = await app.inject(url);
  expect(statusCode).toBe(404);
  expect(headers['cache-control'] ?? '').not.toContain('immutable');
});

test('a statement has a proof by its digest; none has what is absent or not yet integrated', async () => {
  const { body, headers } = await app.inject(`/ledger/proof/${leafDigest(299)}`);
  expect(parseProof(body).index).toBe(299);
  expect(headers['content-type']).toBe('text/plain; charset=utf-8');
  for (const index of [300, 12_345]) {
    expect((await app.inject(`/ledger/proof/${leafDigest(index)}`)).statusCode).toBe(404);
  }
  expect((await app.inject('/ledger/proof/sha-256:short')).statusCode).toBe(400);
});

test('S53 no proof for evidence is served under a checkpoint that nobody has witnessed', async () => {
  expect((await app.inject(`/ledger/proof/${leafDigest(299)}/first`)).statusCode).toBe(404);
  expect((await app.inject('/ledger/proof/sha-256:short/first')).statusCode).toBe(400);
});

test('the routes stand in the description of the service', async () => {
  const { paths } = (await app.inject('/openapi.json')).json<{ paths: object }>();
  const own = Object.keys(paths).filter((path) => path.startsWith('/ledger'));
  expect(own).toEqual([
    '/ledger/checkpoint',
    '/ledger/tile/{*}',
    '/ledger/proof/{digest}',
    '/ledger/proof/{digest}/first',
  ]);
});
