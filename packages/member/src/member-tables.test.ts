import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

const migrations = join(import.meta.dirname, '../../../migrations');
const textOf = (service: string, file: string): string =>
  readFileSync(join(migrations, service, file), 'utf8');
const tablesOf = (service: string): string => textOf(service, '0001_member.sql');
/** The file that ends in this name, whatever its number. */
const numbered = (service: string, name: string): string =>
  textOf(service, readdirSync(join(migrations, service)).find((file) => file.endsWith(name)) ?? '');

test.each(['authority', 'consumer', 'bureau'])(
  'the tables of a member are the same text in %s and broker',
  (service) => {
    expect(tablesOf(service)).toBe(tablesOf('broker'));
  },
);

test.each(['consumer', 'bureau'])(
  'the tables of the status barrier are the same text in %s and broker',
  (service) => {
    expect(numbered(service, '_status.sql')).toBe(numbered('broker', '_status.sql'));
  },
);
