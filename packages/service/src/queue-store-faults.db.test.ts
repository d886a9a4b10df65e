import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { goneWithin, signalPid } from '@causeway/sandbox/pids';
import { startPostgres } from '@causeway/sandbox/postgres';
import type { Postgres } from '@causeway/sandbox/postgres';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { patient, queueKit } from './queue-kit.fixture.ts';
import { underFire } from './queue-under-fire.fixture.ts';
import { RedirectingProxy } from './redirecting-proxy.fixture.ts';
import { memoryLog } from './shell.fixture.ts';

const dir = mkdtempSync(join(tmpdir(), 'queue-faults-'));
let server: Postgres;
let proxy: RedirectingProxy;
let urls: { url: string; ownerUrl: string };

beforeAll(async () => {
  server = await startPostgres({ dir, fsync: false });
  urls = await server.createDatabase('queue');
  proxy = await RedirectingProxy.before(server.port);
});
afterAll(async () => {
  await proxy.close();
  await server.stop({ remove: true });
});
const { newQueue } = queueKit(() => ({ databaseUrl: near(urls.url), ownerUrl: urls.ownerUrl }));

/** The same database by way of the proxy, which stays where it is when the server starts elsewhere. */
function near(url: string): string {
  const through = new URL(url);
  through.port = String(proxy.port);
  return through.href;
}

test('S80 connections that the database ends lose nothing that is swept', async () => {
  const queue = await newQueue();
  await underFire(queue, async () => {
    const client = new pg.Client({ connectionString: server.superuserUrl });
    await client.connect();
    const { rows } = await client.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'queue'",
    );
    await client.end();
    expect(rows.length).toBeGreaterThan(1);
  });
  await vi.waitFor(async () => expect(await queue.depth()).toBe(0), patient);
});

test('S80 a database killed with -9 and started again loses nothing, and fills no log', async () => {
  const { log, lines } = memoryLog();
  const queue = await newQueue({ log });
  await underFire(queue, async () => {
    signalPid(server.pid, 'SIGKILL');
    expect(await goneWithin(server.pid, 10_000)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    await expect(queue.add('while')).rejects.toThrow(/terminat|ECONN|starting/u);
    server = await startPostgres({ dir, fsync: false });
    urls = await server.createDatabase('queue');
    proxy.redirect(server.port);
  });
  await vi.waitFor(async () => expect(await queue.depth()).toBe(0), patient);
  const spoken = lines()
    .split('\n')
    .filter((line) => line.includes('"event":"queue_error"'))
    .map((line) => JSON.parse(line) as { count?: number });
  expect(spoken.length).toBeGreaterThan(0);
  expect(spoken.length).toBeLessThan(12);
  // Four places that would each ask hundreds of times a second.
  expect(spoken.reduce((sum, { count = 1 }) => sum + count, 0)).toBeLessThan(200);
});

test('a table of jobs that was emptied loses nothing that is swept', async () => {
  const queue = await newQueue();
  await underFire(queue, async () => {
    const client = new pg.Client({ connectionString: urls.ownerUrl });
    await client.connect();
    await client.query('TRUNCATE bullmq.job CASCADE');
    await client.end();
  });
  await vi.waitFor(async () => expect(await queue.depth()).toBe(0), patient);
});
