import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pageBundle } from './page-bundle.ts';

const home = join(import.meta.dirname, '../packages/proof-page');

/** The files of the page that checks proofs, by name. They can lie on any server, or on a disk. */
export async function proofPage(): Promise<ReadonlyMap<string, string>> {
  const still = ['index.html', 'style.css'].map(
    (name) => [name, readFileSync(join(home, 'static', name), 'utf8')] as const,
  );
  return new Map([...still, ['main.js', await pageBundle(join(home, 'src/main.ts'), 'iife')]]);
}
