// What is built once carries a stamp: a digest over everything that it was made of.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { workspace } from './machine.mjs';

/**
 * What something is made of; with `place`, where what is built names the folder that it was built in.
 * @typedef {{ folders: string[], files: string[], place?: string }} Sources
 */

/**
 * Runs `build` unless the stamp says that it was built from these sources; false where it failed.
 * @param {string} stamp file of the stamp
 * @param {Sources} from
 * @param {() => Promise<number>} build its exit code
 */
export async function buildOnce(stamp, from, build) {
  const wanted = digestOf(from);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return true;
  if ((await build()) !== 0) return false;
  // A crash before the stamp leaves something built that is built again.
  writeFileSync(stamp, wanted);
  return true;
}

/** @param {Sources} from */
function digestOf({ files, folders, place = '' }) {
  const hash = createHash('sha256').update(`${place}\n`);
  const listed = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  for (const file of [...listed, ...files, join(workspace, 'pnpm-lock.yaml')].toSorted()) {
    hash
      .update(`${relative(workspace, file)}\n`)
      .update(readFileSync(file))
      .update('\n');
  }
  return hash.digest('hex');
}
