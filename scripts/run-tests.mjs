// `npm test`: every project that this machine can run, then one line about those it cannot.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { bin, runToEnd, say, state, workspace } from './machine.mjs';

/** Where the machine-readable report of the last run is. */
const REPORT = join(state, 'test-report.json');

/** Project -> the folder of its tests, where they lie in one of their own. */
const projects = {
  ...{ unit: '', db: '', redis: '', arch: 'test/arch', page: 'test/page' },
  ...{ e2e: 'test/e2e', fault: 'test/fault', storm: 'test/fault' },
};

/**
 * @param {string[]} args passed on to vitest
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>}
 */
export async function runTests(args, env) {
  const asked = askedFor(args);
  /** @type {[string, string][]} */
  const left = [];
  const run = [];
  for (const [name, folder] of Object.entries(projects)) {
    const why =
      asked !== undefined && !asked.includes(name) ? 'not asked for' : obstacleTo(name, folder, env);
    if (why === undefined) run.push(name);
    else left.push([name, why]);
  }
  if (run.length === 0) {
    say(`nothing to run: ${left.map(([name, why]) => `${name} (${why})`).join('; ')}`);
    return 1;
  }
  const vitest = join(workspace, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`];
  const chosen = run.map((name) => `--project=${name}`);
  const code = await runToEnd([vitest, 'run', ...reporters, ...chosen, ...withoutProjects(args)], env);
  const list = left.map(([name, why]) => `${name} (${why})`).join('; ');
  process.stdout.write(left.length === 0 ? 'projects not run: none\n' : `projects not run: ${list}\n`);
  return code;
}

/**
 * @param {string} name
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined}
 */
function obstacleTo(name, folder, env) {
  if (folder !== '' && !hasTests(join(workspace, folder))) return 'it has no tests yet';
  if (name === 'page') return hasChromium(env) ? undefined : 'no chromium: install the Debian package';
  if (name !== 'redis') return undefined;
  const probe = spawnSync(join(bin, 'node'), ['scripts/find-redis.ts'], {
    cwd: workspace,
    env,
    encoding: 'utf8',
  });
  return probe.status === 0 ? undefined : probe.stderr.trim().replace(/\.$/, '');
}

/** @param {NodeJS.ProcessEnv} env */
function hasChromium(env) {
  return (env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'chromium')));
}

/** @param {string} folder */
function hasTests(folder) {
  return existsSync(folder) && readdirSync(folder).some((file) => file.endsWith('.test.ts'));
}

/**
 * The projects named by `--project name` or `--project=name`; undefined where none is.
 * @param {string[]} args
 */
export function askedFor(args) {
  const named = args.flatMap((arg, at) => {
    if (arg.startsWith('--project=')) return [arg.slice('--project='.length)];
    return args[at - 1] === '--project' ? [arg] : [];
  });
  return named.length === 0 ? undefined : named;
}

/** @param {string[]} args */
export function withoutProjects(args) {
  return args.filter((arg, at) => !arg.startsWith('--project') && args[at - 1] !== '--project');
}
