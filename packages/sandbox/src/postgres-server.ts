import { spawn, spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { commandLine, goneWithin, isRunning, signalPid } from './pids.ts';
import type { PostgresHome } from './postgres-home.ts';

/** Recovery after a crash reads and syncs every file first; a server that gives up is seen at once. */
const START_MS_MAX = 90_000;
const STOP_MS_MAX = 20_000;

/** What tells one cluster from another on the way to it. */
export interface Cluster extends Pick<PostgresHome, 'secret'> {
  /** The loopback interface where nothing is said. */
  readonly host?: string;
}

/**
 * The password of a role of this cluster: derived, so that nothing but the cluster's secret is kept on disk.
 */
export function rolePassword(cluster: Cluster, role: string): string {
  return createHmac('sha256', cluster.secret).update(role).digest('base64url');
}

/** The address of a database of this cluster for one role. */
export function roleUrl(cluster: Cluster, port: number, role: string, database: string): string {
  const { host = '127.0.0.1' } = cluster;
  return `postgres://${role}:${rolePassword(cluster, role)}@${host}:${port}/${database}`;
}

/** Creates the cluster's files unless they exist. */
export function initialise(home: PostgresHome): void {
  if (existsSync(join(home.dataDir, 'PG_VERSION')) && existsSync(join(home.dataDir, 'initialised'))) return;
  rmSync(home.dataDir, { recursive: true, force: true });
  mkdirSync(home.dataDir, { recursive: true, mode: 0o700 });
  const passwordFile = `${home.dataDir}.password`;
  writeFileSync(passwordFile, rolePassword(home, 'postgres'), { mode: 0o600 });
  for (const path of home.runAs ? [home.dataDir, passwordFile] : []) {
    chownSync(path, home.runAs?.uid ?? 0, home.runAs?.gid ?? 0);
  }
  const made = spawnSync(
    home.initdb,
    [`--pgdata=${home.dataDir}`, '--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`]
      .concat(['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'])
      .concat('--no-sync', '--no-instructions'),
    { ...home.runAs, cwd: '/', encoding: 'utf8' },
  );
  rmSync(passwordFile, { force: true });
  if (made.status !== 0) {
    throw new Error(`PostgreSQL could not create its files: ${lastLine(made.stderr) || made.error?.message}`);
  }
  // A crash before this mark leaves a half-made folder, which the next start removes and makes again.
  writeFileSync(join(home.dataDir, 'initialised'), '');
}

/** The server that runs on these files now, as its own pid file tells. */
export function running(home: PostgresHome): { pid: number; port: number } | undefined {
  const file = join(home.dataDir, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, 'utf8').split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  if (pid > 1 && isRunning(pid) && commandLine(pid).includes(home.dataDir)) return { pid, port };
  rmSync(file, { force: true });
  return undefined;
}

/**
 * Starts the server in a process group of its own, so that Ctrl-C ends its clients first; resolves with its
 * pid.
 */
export async function launch(home: PostgresHome, port: number, settings: readonly string[]): Promise<number> {
  const until = performance.now() + START_MS_MAX;
  for (;;) {
    const outcome = await launchOnce(home, port, settings, until);
    if (typeof outcome === 'number') return outcome;
    // After a kill -9 the server's children take a moment to let go of the shared memory.
    const transient = /shared memory block .* still in use/.test(outcome);
    if (!transient || performance.now() > until) throw new Error(`PostgreSQL did not start: ${outcome}`);
    await wait(100);
  }
}

async function launchOnce(
  home: PostgresHome,
  port: number,
  settings: readonly string[],
  until: number,
): Promise<number | string> {
  const log = openSync(home.logFile, 'w');
  const flags = [`listen_addresses=127.0.0.1`, `port=${port}`, 'unix_socket_directories=', ...settings];
  const child = spawn(home.postgres, ['-D', home.dataDir, ...flags.flatMap((flag) => ['-c', flag])], {
    ...home.runAs,
    cwd: '/',
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  let ended: string | undefined;
  child.once('error', (error) => (ended = error.message));
  child.once('exit', (code, signal) => (ended ??= `it ended with ${signal ?? code}`));
  while (ended === undefined) {
    if (await answers(home, port)) return child.pid ?? 0;
    if (performance.now() > until) return 'it did not answer in time';
    await wait(15);
  }
  const said = existsSync(home.logFile) ? readFileSync(home.logFile, 'utf8') : '';
  return /FATAL: {2}(.*)/.exec(said)?.[1] ?? ended;
}

/** True when the server on this port takes this cluster's password. */
export async function answers(home: Cluster, port: number): Promise<boolean> {
  try {
    await asSuperuser(home, port, 'postgres', (client) => client.query('SELECT 1'));
    return true;
  } catch {
    return false;
  }
}

/** Runs `work` on one connection of the superuser and closes it. */
export async function asSuperuser<T>(
  home: Cluster,
  port: number,
  database: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: roleUrl(home, port, 'postgres', database) });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Ends the server: fast shutdown first, then, if it does not go, immediately (its files recover at the next
 * start).
 */
export async function halt(pid: number): Promise<void> {
  signalPid(pid, 'SIGINT');
  if (await goneWithin(pid, STOP_MS_MAX)) return;
  signalPid(pid, 'SIGQUIT');
  if (!(await goneWithin(pid, 5_000))) signalPid(pid, 'SIGKILL');
}

function lastLine(text: string | null): string {
  return text?.trim().split('\n').at(-1) ?? '';
}
