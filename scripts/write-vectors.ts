// `pnpm write-docs`: writes the test vectors of docs/protocol from packages/ledger.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { vectorFiles } from './vectors/vector-files.ts';

const folder = join(import.meta.dirname, '..', 'docs', 'protocol', 'vectors');
mkdirSync(folder, { recursive: true });
for (const [name, text] of vectorFiles()) writeFileSync(join(folder, name), text);
