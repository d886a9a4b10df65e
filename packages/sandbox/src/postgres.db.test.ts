import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { goneWithin, isRunning } from './pids.ts';
import { startPostgres, stopPostgres } from './postgres.ts';

let dir: string;

beforeEach(() => {
  // mkdtemp makes a folder that others cannot enter: as root the server runs from a copy.
  dir = mkdtempSync(join(tmpdir(), 'cluster-'));
});

afterEach(async () => {
  await stopPostgres(dir, { remove: true });
  rmSync(dir, { recursive: true, force: true });
});

test('a second start adopts the running server, and stop ends it', async () => {
  const first = await startPostgres({ dir, fsync: false });
  const second = await startPostgres({ dir, fsync: false });
  expect(second).toMatchObject({ adopted: true, pid: first.pid, port: first.port });
  await second.stop();
  expect(isRunning(first.pid)).toBe(false);
});

test('a server found with other settings is stopped, and its databases are kept', async () => {
  const unsafe = await startPostgres({ dir, fsync: false });
  const { url } = await unsafe.createDatabase('broker');
  const safe = await startPostgres({ dir });
  expect(safe.adopted).toBe(false);
  expect(isRunning(unsafe.pid)).toBe(false);
  const again = await safe.createDatabase('broker');
  expect(new URL(again.url).password).toBe(new URL(url).password);
});

test('a server killed with -9 starts again on its port', async () => {
  const first = await startPostgres({ dir });
  process.kill(first.pid, 'SIGKILL');
  expect(await goneWithin(first.pid, 5_000)).toBe(true);
  const second = await startPostgres({ dir, port: first.port });
  expect(second).toMatchObject({ adopted: false, port: first.port });
});

test('a database name that is not a plain identifier is refused', async () => {
  const server = await startPostgres({ dir, fsync: false });
  for (const name of ['Broker', 'a-b', 'x; DROP ROLE y', '']) {
    await expect(server.createDatabase(name)).rejects.toThrow(RangeError);
  }
});

test('a port that is taken is refused in one sentence', async () => {
  const server = await startPostgres({ dir, fsync: false });
  const other = mkdtempSync(join(tmpdir(), 'cluster-'));
  await expect(startPostgres({ dir: other, port: server.port, fsync: false })).rejects.toThrow(
    'did not start',
  );
  await stopPostgres(other, { remove: true });
});
