import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning } from './pids.ts';
import { startPostgres, stopPostgres } from './postgres.ts';

/** The environment variable by which the test processes learn where the run's server is. */
export const TEST_POSTGRES_DIR = 'CAUSEWAY_TEST_POSTGRES_DIR';

const RUNS = join(import.meta.dirname, '../../../.causeway/test');

/**
 * vitest's global setup of the project `db`: one PostgreSQL for the run, gone with all its files afterwards.
 */
export async function setup(): Promise<() => Promise<void>> {
  mkdirSync(RUNS, { recursive: true });
  await sweep();
  const dir = join(RUNS, String(process.pid));
  const server = await startPostgres({ dir, fsync: false });
  process.env[TEST_POSTGRES_DIR] = dir;
  return () => server.stop({ remove: true });
}

/** Ends what earlier runs have left that were killed before their teardown. */
async function sweep(): Promise<void> {
  for (const run of readdirSync(RUNS)) {
    if (!isRunning(Number(run))) await stopPostgres(join(RUNS, run), { remove: true });
  }
}
