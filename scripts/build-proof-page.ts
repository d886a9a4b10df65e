// `pnpm build-proof-page`: writes the page that checks proofs into dist/proof-page.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { proofPage } from './proof-page.ts';

const folder = join(import.meta.dirname, '../dist/proof-page');
mkdirSync(folder, { recursive: true });
for (const [name, text] of await proofPage()) writeFileSync(join(folder, name), text);
console.log(folder);
