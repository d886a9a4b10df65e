import { rmSync } from 'node:fs';
import {
  createDatabase,
  dropDatabase,
  type DatabaseOptions,
  type DatabaseUrls,
} from './postgres-databases.ts';
import { preparePostgresHome, type PostgresHome } from './postgres-home.ts';
import { answers, asSuperuser, halt, initialise, launch, roleUrl, running } from './postgres-server.ts';
import { freePort } from './ports.ts';

export interface PostgresOptions {
  /** Folder that keeps the cluster (or, for root in a closed folder, its name and secret). */
  readonly dir: string;
  /** Port on the loopback interface; any free one (or that of the server found running) where absent. */
  readonly port?: number;
  /** Durable writes; on unless a test says otherwise. */
  readonly fsync?: boolean;
  /** What the server keeps in its own memory, in MB; 128 where a benchmark says nothing else. */
  readonly bufferMb?: number;
}

/** A running PostgreSQL 18 on the loopback interface. */
export interface Postgres {
  readonly port: number;
  readonly pid: number;
  /** True if a server was found running and kept. */
  readonly adopted: boolean;
  /** Superuser's address of the database `postgres`, for administration and fault tests. */
  readonly superuserUrl: string;
  /** Key of every password of this cluster. */
  readonly secret: string;
  createDatabase(name: string, options?: DatabaseOptions): Promise<DatabaseUrls>;
  dropDatabase(name: string): Promise<void>;
  /** Ends the server; with `remove` its files go too. */
  stop(options?: { remove?: boolean }): Promise<void>;
}

/**
 * Starts the embedded PostgreSQL, or adopts the one that already runs on these files; one that runs with
 * other settings is stopped first. Throws an Error of one sentence where it cannot.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const home = await preparePostgresHome(options.dir);
  const found = running(home);
  if (found) {
    if (await suits(home, found.port, options)) return handle(home, found.port, found.pid, true);
    await halt(found.pid);
  }
  initialise(home);
  const port = options.port ?? (await freePort());
  return handle(home, port, await launch(home, port, settingsOf(options)), false);
}

/** Ends the server that runs on these files, if one does; for what an interrupted run has left. */
export async function stopPostgres(dir: string, { remove = false } = {}): Promise<void> {
  const home = await preparePostgresHome(dir);
  const found = running(home);
  if (found) await halt(found.pid);
  if (remove) discard(home);
}

function handle(home: PostgresHome, port: number, pid: number, adopted: boolean): Postgres {
  return {
    port,
    pid,
    adopted,
    superuserUrl: roleUrl(home, port, 'postgres', 'postgres'),
    secret: home.secret,
    createDatabase: (name, options) => createDatabase(home, port, name, options),
    dropDatabase: (name) => dropDatabase(home, port, name),
    stop: async ({ remove = false } = {}) => {
      await halt(pid);
      if (remove) discard(home);
    },
  };
}

function settingsOf({ bufferMb, fsync = true }: PostgresOptions): string[] {
  const settings = serverSettings(fsync);
  return bufferMb === undefined ? settings : [...settings, `shared_buffers=${bufferMb}MB`];
}

/**
 * After each checkpoint the first change of a page writes all of it to the log, and a large ledger's index
 * changes another page for almost every leaf. What it costs is a longer recovery: up to so much of the log.
 */
const rareCheckpoints = ['checkpoint_timeout=30min', 'max_wal_size=4GB'];

/** Values and names of settings stay out of the log together with statements: rows hold personal data. */
export function serverSettings(fsync: boolean): string[] {
  const quiet = ['log_error_verbosity=terse', 'log_min_error_statement=panic'];
  const common = ['max_connections=200', 'wal_level=logical', 'password_encryption=scram-sha-256', ...quiet];
  return fsync
    ? [...common, ...rareCheckpoints]
    : [...common, 'fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];
}

async function suits(home: PostgresHome, port: number, options: PostgresOptions): Promise<boolean> {
  if (options.port !== undefined && options.port !== port) return false;
  if (!(await answers(home, port))) return false;
  return asSuperuser(home, port, 'postgres', async (client) => {
    const { rows } = await client.query<{ fsync: string }>('SHOW fsync');
    return (rows[0]?.fsync === 'on') === (options.fsync ?? true);
  });
}

function discard(home: PostgresHome): void {
  for (const folder of home.folders) rmSync(folder, { recursive: true, force: true });
}
