import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

import { noFaults, systemClock } from '@causeway/kernel';
import { noteSigner, openCheckpoint } from '@causeway/ledger';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { createDatabase, createLog } from '@causeway/service';
import type { Database } from '@causeway/service';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { createIntegrator } from './integrator.ts';
import { appendLeaves } from './placed-leaves.fixture.ts';
import { requireProven } from './proven-ledger.fixture.ts';

const signer = noteSigner('causeway/test/broker', 'note', new Uint8Array(32).fill(7));
const patient = { timeout: 20_000, interval: 50 };
let server: TestDatabase;
let database: Database<unknown>;
let suspended: ChildProcessByStdio<null, Readable, null>;
let said = '';

beforeAll(async () => {
  server = await testDatabase({ migrations: 'broker' });
  database = createDatabase({
    url: server.url,
    name: 'test',
    log: createLog({ name: 't', level: 'silent' }),
  });
  const program = join(import.meta.dirname, 'signer-program.fixture.ts');
  suspended = spawn(process.execPath, [program, server.url], { stdio: ['ignore', 'pipe', 'inherit'] });
  suspended.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
});
afterAll(async () => {
  suspended.kill('SIGKILL');
  await requireProven(database.pool, signer);
  await database.close();
  await server.drop();
});

async function sizes(): Promise<number[]> {
  const text = 'SELECT note FROM ledger_checkpoint ORDER BY size';
  const { rows } = await database.pool.query<{ note: string }>(text);
  return rows.map(({ note }) => openCheckpoint(note, { origin: signer.key.name, keys: [signer.key] }).size);
}

test('S49 a signer suspended in the middle, which goes on behind another, signs no second root', async () => {
  const { pool } = database;
  const options = { pool, signer, clock: systemClock, faults: noFaults, maySign: () => true };
  const other = createIntegrator(options);
  await appendLeaves(pool, 10);
  await vi.waitUntil(() => said.includes('signing'), patient);
  suspended.kill('SIGSTOP');
  expect([await other.integrate(), await sizes()]).toEqual([0, []]);
  // The server ends a transaction that stands still, and its lock with it.
  await vi.waitUntil(async () => (await other.integrate()) === 10, patient);
  await appendLeaves(pool, 5);
  expect(await other.integrate()).toBe(5);
  expect(said).toBe('signing\n');
  suspended.kill('SIGCONT');
  await vi.waitUntil(() => said.includes('failed'), patient);
  expect(await sizes()).toEqual([10, 15]);
  await appendLeaves(pool, 7);
  await vi.waitUntil(() => said.endsWith('\n7\n'), patient);
  await appendLeaves(pool, 1);
  await vi.waitUntil(async () => (await sizes()).length === 4, patient);
  expect(await sizes()).toEqual([10, 15, 22, 23]);
}, 60_000);
