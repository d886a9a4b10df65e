// Builds the pages of the services where they are not, or where what they are made of has changed.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
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
  const stamp = join(web, 'dist/.built-from');
  const wanted = sources(web, packages);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say(`building the ${name}`);
  const vite = join(web, 'node_modules/vite/bin/vite.js');
  const code = await runToEnd([vite, 'build', web, '--logLevel', 'error'], env);
  // A crash before the stamp leaves pages that are built again.
  if (code === 0) writeFileSync(stamp, wanted);
  else say(`the ${name} could not be built: its service runs without its pages`);
}

/**
 * A digest over everything that the pages are made of.
 * @param {string} web
 * @param {string[]} packages
 */
function sources(web, packages) {
  const hash = createHash('sha256');
  const folders = [join(web, 'src'), ...packages.map((name) => join(workspace, `packages/${name}/src`))];
  const listed = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const single = ['index.html', 'vite.config.ts'].map((name) => join(web, name));
  for (const file of [...listed, ...single, join(workspace, 'pnpm-lock.yaml')].toSorted()) {
    hash
      .update(`${relative(workspace, file)}\n`)
      .update(readFileSync(file))
      .update('\n');
  }
  return hash.digest('hex');
}
