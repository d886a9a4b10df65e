// `pnpm write-docs`: writes the pages that follow from the code.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordsPage } from './records-page.ts';

writeFileSync(join(import.meta.dirname, '..', 'docs', 'records.md'), recordsPage());
