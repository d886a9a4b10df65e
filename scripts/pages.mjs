// Builds the pages of the services where they are not, or where what they are made of has changed.
import { join } from 'node:path';
import { buildOnce } from './built-from.mjs';
import { runToEnd, say, workspace } from './machine.mjs';

/** The pages, and the packages that they are made of. */
const PAGES = [
  {
    name: 'portal',
    web: join(workspace, 'services/consumer/web'),
    packages: ['kernel', 'records', 'ledger', 'protocol', 'sdk', 'ui'],
  },
  { name: 'console', web: join(workspace, 'services/bureau/web'), packages: ['kernel', 'records', 'ui'] },
  { name: 'workbench', web: join(workspace, 'services/broker/web'), packages: ['kernel', 'records', 'ui'] },
  { name: 'supervision console', web: join(workspace, 'services/authority/web'), packages: ['ui'] },
];

/**
 * Takes two seconds each, once; a service without its pages still serves its API, so that a failure is told
 * and not fatal.
 * @param {NodeJS.ProcessEnv} env
 */
export async function buildPages(env) {
  for (const pages of PAGES) await build(pages, env);
}

/**
 * @param {typeof PAGES[number]} pages
 * @param {NodeJS.ProcessEnv} env
 */
async function build({ name, packages, web }, env) {
  const from = {
    folders: [join(web, 'src'), ...packages.map((each) => join(workspace, `packages/${each}/src`))],
    files: ['index.html', 'vite.config.ts'].map((each) => join(web, each)),
  };
  const built = await buildOnce(join(web, 'dist/.built-from'), from, async () => {
    say(`building the ${name}`);
    return await runToEnd(
      [join(web, 'node_modules/vite/bin/vite.js'), 'build', web, '--logLevel', 'error'],
      env,
    );
  });
  if (!built) say(`the ${name} could not be built: its service runs without its pages`);
}
