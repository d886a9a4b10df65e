// Builds the consumer service's pages where they are not, or where what they are made of has changed.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { runToEnd, say, workspace } from './machine.mjs';

const web = join(workspace, 'services/consumer/web');
const STAMP = join(web, 'dist/.built-from');

/**
 * Takes two seconds, once; a service without its pages still serves its API, so that a failure is told and
 * not fatal.
 * @param {NodeJS.ProcessEnv} env
 */
export async function buildPortal(env) {
  const wanted = sources();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  say('building the portal');
  const vite = join(web, 'node_modules/vite/bin/vite.js');
  const code = await runToEnd([vite, 'build', web, '--logLevel', 'error'], env);
  // A crash before the stamp leaves pages that are built again.
  if (code === 0) writeFileSync(STAMP, wanted);
  else say('the portal could not be built: the consumer service runs without its pages');
}

/** A digest over everything that the pages are made of. */
function sources() {
  const hash = createHash('sha256');
  const packages = ['kernel', 'records', 'ledger', 'protocol', 'sdk'];
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
