import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeLists } from '@causeway/records';
import { recordKinds } from '@causeway/records/record-kinds';
import { expect, test } from 'vitest';
import { recordsPage } from './records-page.ts';

const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'records.md'), 'utf8');

test('docs/records.md says what the model says; `pnpm write-docs` writes it anew', () => {
  expect(page === recordsPage()).toBe(true);
});

test('every kind, every field and every code list is on it', () => {
  for (const { name, schema } of recordKinds) {
    expect(page).toContain(`\`/schemas/${name}\``);
    for (const field of Object.keys(schema.properties)) expect(page).toContain(`| \`${field}\` |`);
  }
  for (const { name } of codeLists) expect(page).toContain(`### ${name}\n`);
});
