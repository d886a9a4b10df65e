// Makes one file of each program of the services where it is not, or where its sources have changed: Node
// finds and reads the two thousand modules of a service for longer than the service then needs to start.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildOnce } from './built-from.mjs';
import { runToEnd, say, state, workspace } from './machine.mjs';

const FOLDER = join(state, 'programs');
/**
 * Takes some seconds, once. The environment in which the sandbox finds them; where they cannot be made, the
 * services run from their sources.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
export async function buildPrograms(env) {
  // All of them, so that no list has to follow what a service imports.
  const from = {
    folders: ['packages', 'services'].flatMap((kind) => sourcesIn(join(workspace, kind))),
    files: ['build-programs.ts', 'program-places.ts'].map((name) => join(workspace, 'scripts', name)),
    place: workspace,
  };
  const built = await buildOnce(join(FOLDER, '.built-from'), from, async () => {
    say('building the services');
    return await runToEnd([join(workspace, 'scripts/build-programs.ts'), FOLDER], env);
  });
  if (built) return { ...env, CAUSEWAY_PROGRAMS: FOLDER };
  say('the services could not be built: they run from their sources');
  return env;
}

/** @param {string} kind */
function sourcesIn(kind) {
  return readdirSync(kind)
    .map((name) => join(kind, name, 'src'))
    .filter((folder) => existsSync(folder));
}
