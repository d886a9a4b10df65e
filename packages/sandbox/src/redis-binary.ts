import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** A redis-server program and the environment it needs. */
export interface RedisBinary {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

const PACKAGES = ['redis-server', 'redis-tools', 'liblzf1', 'libjemalloc2'];

/**
 * The machine's own redis-server, or else Debian's, unpacked under `dir` without root.
 * Throws an Error of one sentence where neither can be had.
 */
export function findRedis(dir: string): RedisBinary {
  const own = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'redis-server'));
  const path = own.find((candidate) => existsSync(candidate));
  if (path !== undefined) return { path, env: {} };
  const unpacked = join(resolve(dir), 'redis-debian');
  if (!existsSync(unpacked)) fetchDebianPackages(resolve(dir), unpacked);
  const libraries = join(unpacked, 'usr/lib');
  const perArchitecture = readdirSync(libraries).filter((name) => name.endsWith('-linux-gnu'));
  const searched = perArchitecture.map((name) => join(libraries, name)).join(':');
  const found = { path: join(unpacked, 'usr/bin/redis-server'), env: { LD_LIBRARY_PATH: searched } };
  const works = spawnSync(found.path, ['--version'], { env: found.env });
  if (works.status !== 0)
    throw new Error("No redis-server is installed, and Debian's does not run on this system.");
  return found;
}

/** Debian's tools work without root when their state lies in a folder of the caller. */
function fetchDebianPackages(dir: string, unpacked: string): void {
  const state = join(dir, 'redis-fetch');
  rmSync(state, { recursive: true, force: true });
  for (const folder of ['lists/partial', 'archives/partial', 'root', 'deb']) {
    mkdirSync(join(state, folder), { recursive: true });
  }
  const options = [
    `Dir::State=${state}`,
    `Dir::State::Lists=${join(state, 'lists')}`,
    `Dir::Cache=${state}`,
    'Dir::State::status=/var/lib/dpkg/status',
    'APT::Sandbox::User=',
    'Acquire::Languages=none',
  ].flatMap((option) => ['-o', option]);
  run('apt-get', [...options, '-q', 'update'], state);
  run('apt-get', [...options, '-q', 'download', ...PACKAGES], join(state, 'deb'));
  for (const file of readdirSync(join(state, 'deb'))) {
    run('dpkg', ['-x', join(state, 'deb', file), join(state, 'root')], state);
  }
  // A crash before the rename leaves only the working folder, which the next fetch clears.
  renameSync(join(state, 'root'), unpacked);
  rmSync(state, { recursive: true, force: true });
}

function run(program: string, args: readonly string[], cwd: string): void {
  const done = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: 120_000 });
  if (done.status === 0) return;
  const why = done.error ? `${program} is not here` : `${program} failed: ${lastLine(done.stderr)}`;
  throw new Error(`No redis-server is installed, and Debian's could not be fetched: ${why}.`);
}

function lastLine(text: string): string {
  return (text.trim().split('\n').at(-1) ?? '').replace(/\.$/, '');
}
