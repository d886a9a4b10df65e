// Makes one file of each program of the services where it is not, or where its sources have changed: Node
// finds and reads the two thousand modules of a service for longer than the service then needs to start.
import { join } from 'node:path';
import { buildOnce } from './built-from.mjs';
import { runToEnd, say, state, workspace } from './machine.mjs';

const FOLDER = join(state, 'programs');
const PACKAGES = [
  'aggregate',
  'gate',
  'kernel',
  'ledger',
  'member',
  'policy',
  'protocol',
  'records',
  'service',
];
const SERVICES = ['authority', 'broker', 'bureau', 'consumer'];

/**
 * Takes some seconds, once. The environment in which the sandbox finds them; where they cannot be made, the
 * services run from their sources.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
export async function buildPrograms(env) {
  const from = {
    folders: [
      ...PACKAGES.map((name) => join(workspace, 'packages', name, 'src')),
      ...SERVICES.map((name) => join(workspace, 'services', name, 'src')),
    ],
    files: ['build-programs.ts', 'program-places.ts'].map((name) => join(workspace, 'scripts', name)),
  };
  const built = await buildOnce(join(FOLDER, '.built-from'), from, async () => {
    say('building the services');
    return await runToEnd([join(workspace, 'scripts/build-programs.ts'), FOLDER], env);
  });
  if (built) return { ...env, CAUSEWAY_PROGRAMS: FOLDER };
  say('the services could not be built: they run from their sources');
  return env;
}
