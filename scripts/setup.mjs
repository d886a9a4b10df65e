// Brings pnpm, the dependencies and with them Node 24 and PostgreSQL; a second run finds the stamp and does
// nothing.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { bin, obstacle, say, state, thisMachine, workspace } from './machine.mjs';

const PNPM = 'pnpm@12.21.0';
const STAMP = join(workspace, 'node_modules', '.set-up');

/** A set-up that cannot go on; the message is one sentence for the person at the terminal. */
export class SetupFailed extends Error {}

/** Sets the workspace up unless it is, and returns the environment for its programs. */
export function setUp() {
  const why = obstacle(thisMachine());
  if (why !== undefined) throw new SetupFailed(why);
  makeFolder(state);
  const env = environment();
  const stamp = wanted();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp && existsSync(join(bin, 'node'))) return env;
  say(`setting up: ${PNPM}, Node 24, PostgreSQL 18 and the libraries (once, about 60 packages)`);
  const start = performance.now();
  install(env);
  // A crash before the stamp leaves a partial node_modules, which the next install completes.
  writeFileSync(STAMP, stamp);
  say(`set up in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return env;
}

/**
 * The one sentence for a failed installation.
 * @param {string} output what the package manager said
 */
export function explain(output) {
  if (
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|dns error|error sending request/i.test(
      output,
    )
  ) {
    return 'No network: the npm registry did not answer, and the first run needs it.';
  }
  if (/ENOSPC|no space left/i.test(output)) return 'The disk is full; the set-up needs about 1 GB.';
  if (/EACCES|EPERM|EROFS|permission denied|read-only file system/i.test(output)) {
    return 'The set-up may not write where it must (the checkout, or the home folder of this user).';
  }
  if (/OUTDATED_LOCKFILE|frozen-lockfile/i.test(output)) {
    return 'pnpm-lock.yaml does not match the package.json files: run pnpm install and commit the lockfile.';
  }
  const lines = output.split('\n').map((line) => line.trim());
  const last = lines.findLast((line) => /err/i.test(line)) ?? lines.findLast((line) => line !== '');
  return `The installation of the dependencies failed: ${last ?? 'it said nothing'}`;
}

/** @param {NodeJS.ProcessEnv} env */
function install(env) {
  const args = ['exec', '--yes', `--package=${PNPM}`, '--', 'pnpm', 'install', '--frozen-lockfile'];
  // npm's own patience of more than a minute helps nobody who has no network.
  const patience = { npm_config_fetch_retries: '2', npm_config_fetch_retry_mintimeout: '1000' };
  const impatient = { ...patience, npm_config_fetch_retry_maxtimeout: '3000', ...env };
  const done = spawnSync('npm', args, {
    cwd: workspace,
    env: impatient,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (done.error && 'code' in done.error && done.error.code === 'ENOENT') {
    throw new SetupFailed('npm is not on the PATH, and the set-up needs it.');
  }
  const output = `${done.stdout ?? ''}\n${done.stderr ?? ''}`;
  writeFileSync(join(state, 'setup.log'), output);
  if (done.status !== 0) throw new SetupFailed(`${explain(output)} (all of it: .causeway/setup.log)`);
  if (!existsSync(join(bin, 'node'))) throw new SetupFailed('The package with Node 24 was not installed.');
}

/** What the installed tree depends on: the lockfile, every package.json, and this machine. */
function wanted() {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}\n`);
  const groups = ['packages', 'services'].flatMap((group) =>
    readdirSync(join(workspace, group)).map((name) => join(group, name, 'package.json')),
  );
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...groups.sort()];
  for (const file of files.filter((name) => existsSync(join(workspace, name)))) {
    hash.update(`${file}\n`).update(readFileSync(join(workspace, file)));
  }
  return hash.digest('hex');
}

/**
 * Our own environment without what npm put there for its scripts, and with a home folder that can be written.
 */
function environment() {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^npm_(lifecycle|package|config_(json|loglevel))/.test(name),
  );
  /** @type {NodeJS.ProcessEnv} */
  const env = Object.fromEntries(kept);
  env['PATH'] = `${bin}${delimiter}${process.env['PATH'] ?? ''}`;
  env['NODE_COMPILE_CACHE'] = join(state, 'cache', 'node');
  if (!isWritable(homeFolder())) {
    env['HOME'] = join(state, 'home');
    makeFolder(env['HOME']);
  }
  return env;
}

function homeFolder() {
  try {
    return process.env['HOME'] || homedir();
  } catch {
    return '';
  }
}

/** @param {string} folder */
function isWritable(folder) {
  try {
    accessSync(folder, constants.W_OK);
    return folder !== '' && folder !== '/';
  } catch {
    return false;
  }
}

/** @param {string} folder */
function makeFolder(folder) {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch {
    throw new SetupFailed(`The folder ${folder} cannot be written by this user.`);
  }
}
