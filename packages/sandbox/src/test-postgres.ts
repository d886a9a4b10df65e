import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { GenericContainer, Wait } from 'testcontainers';
import { isRunning } from './pids.ts';
import { type Cluster, rolePassword } from './postgres-server.ts';
import { serverSettings, startPostgres, stopPostgres } from './postgres.ts';
import { storeSource } from './test-store-source.ts';

/** The environment variable by which the test processes learn where the run's server is. */
const TEST_POSTGRES = 'CAUSEWAY_TEST_POSTGRES';

const RUNS = join(import.meta.dirname, '../../../.causeway/test');
const START_MS_MAX = 120_000;

/** The one PostgreSQL of a test run. */
export interface RunServer {
  readonly cluster: Cluster;
  readonly port: number;
}

interface Started extends RunServer {
  readonly stop: () => Promise<void>;
}

/**
 * vitest's global setup of the project `db`: one throw-away PostgreSQL for the run, gone with all its files
 * afterwards.
 */
export async function setup(): Promise<() => Promise<void>> {
  const started = await ((await storeSource()) === 'container' ? startContainer() : startProgram());
  const { stop, ...server } = started;
  process.env[TEST_POSTGRES] = JSON.stringify(server);
  return stop;
}

/** Throws an Error of one sentence outside the projects for which such a server runs. */
export function runServer(): RunServer {
  const told = process.env[TEST_POSTGRES];
  if (told === undefined)
    throw new Error('testDatabase needs the vitest project db: name the file *.db.test.ts.');
  return JSON.parse(told) as RunServer;
}

async function startProgram(): Promise<Started> {
  mkdirSync(RUNS, { recursive: true });
  await sweep();
  const dir = join(RUNS, String(process.pid));
  const server = await startPostgres({ dir, fsync: false });
  const { port, secret } = server;
  return { cluster: { secret }, port, stop: () => server.stop({ remove: true }) };
}

/** Ends what earlier runs have left that were killed before their teardown. */
async function sweep(): Promise<void> {
  for (const run of readdirSync(RUNS)) {
    if (!isRunning(Number(run))) await stopPostgres(join(RUNS, run), { remove: true });
  }
}

/** The same server with the same settings; what a killed run leaves, the runtime's reaper removes. */
async function startContainer(): Promise<Started> {
  const secret = randomBytes(32).toString('base64url');
  const settings = serverSettings(false).flatMap((setting) => ['-c', setting]);
  const container = await new GenericContainer('postgres:18')
    .withEnvironment({
      POSTGRES_PASSWORD: rolePassword({ secret }, 'postgres'),
      POSTGRES_INITDB_ARGS: '--encoding=UTF8 --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C',
    })
    .withCommand(['postgres', ...settings])
    .withExposedPorts(5432)
    // The image starts the server once to prepare it, and then for good.
    .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
    .withStartupTimeout(START_MS_MAX)
    .start();
  const cluster = { secret, host: container.getHost() };
  return { cluster, port: container.getMappedPort(5432), stop: async () => void (await container.stop()) };
}
