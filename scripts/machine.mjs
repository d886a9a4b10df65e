// What the set-up needs to know about the machine, and how it starts programs on it.
import { spawn } from 'node:child_process';
import { constants, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const workspace = fileURLToPath(new URL('..', import.meta.url));
export const state = join(workspace, '.causeway');
export const bin = join(workspace, 'node_modules', '.bin');

/** @param {string} line */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * Why this machine cannot run Causeway, in one sentence; undefined where it can.
 * @param {{ platform: string, arch: string, glibc: boolean, user: boolean, node: number }} machine
 */
export function obstacle({ platform, arch, glibc, user, node }) {
  if (node < 20) return `Causeway needs Node 20 or newer to set itself up; this is Node ${node}.`;
  if (platform !== 'linux' || !['x64', 'arm64'].includes(arch)) {
    return `Causeway brings Node and PostgreSQL for Linux on x64 or arm64; this is ${platform} on ${arch}.`;
  }
  if (!glibc) return 'Causeway brings Node and PostgreSQL built for glibc; this Linux has another C library.';
  if (!user)
    return 'The current user id has no entry in the passwd file, and PostgreSQL needs one: add a user.';
  return undefined;
}

/** The machine that this process runs on. */
export function thisMachine() {
  const report = /** @type {{ header?: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  const glibc = report.header?.glibcVersionRuntime !== undefined;
  const node = Number(process.versions.node.split('.')[0]);
  return { platform: process.platform, arch: process.arch, glibc, user: hasUser(), node };
}

function hasUser() {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

/**
 * Runs the workspace's Node with these arguments on our own terminal and resolves with its exit code. Ctrl-C
 * reaches the program by itself; we wait for it to end.
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>}
 */
export function runToEnd(args, env) {
  const child = spawn(join(bin, 'node'), args, { stdio: 'inherit', env });
  process.on('SIGINT', () => undefined);
  for (const signal of /** @type {NodeJS.Signals[]} */ (['SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => child.kill(signal));
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
