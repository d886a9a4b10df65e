// `npm run -s demo`, `npm run -s causeway` and `npm test` on a machine that has only Node >= 20 and npm.
// What it does goes to stderr in short lines; stdout belongs to the command.
import { join } from 'node:path';
import { runToEnd, say, workspace } from './machine.mjs';
import { buildPages } from './pages.mjs';
import { buildPrograms } from './programs.mjs';
import { runTests } from './run-tests.mjs';
import { SetupFailed, setUp } from './setup.mjs';

const startedAtMs = Math.round(Date.now() - performance.now());

/**
 * @param {string | undefined} command
 * @param {string[]} args
 * @returns {Promise<number>}
 */
async function main(command, args) {
  if (command !== 'demo' && command !== 'causeway' && command !== 'test') {
    say('usage: node scripts/bootstrap.mjs demo|causeway|test [arguments]');
    return 2;
  }
  const env = await buildPrograms({ ...setUp(), CAUSEWAY_COMMAND_STARTED_AT_MS: String(startedAtMs) });
  await buildPages(env);
  if (command === 'test') return runTests(args, env);
  const cli = join(workspace, 'packages/cli/src/main.ts');
  if (command === 'causeway') return runToEnd([cli, ...args], env);
  // npm keeps `--json` for itself unless it stands behind `--`.
  const json = process.env['npm_config_json'] === 'true' && !args.includes('--json') ? ['--json'] : [];
  return runToEnd([cli, 'demo', ...args, ...json], env);
}

try {
  process.exitCode = await main(process.argv[2], process.argv.slice(3));
} catch (error) {
  if (!(error instanceof SetupFailed)) throw error;
  say(error.message);
  process.exitCode = 1;
}
