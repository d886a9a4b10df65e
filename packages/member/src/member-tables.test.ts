import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

const migrations = join(import.meta.dirname, '../../../migrations');

/** The text of the one migration of a service with this name, whatever its number. */
function textOf(service: string, name: string): string {
  const files = readdirSync(join(migrations, service)).filter((file) => file.endsWith(`_${name}.sql`));
  expect(files).toHaveLength(1);
  return readFileSync(join(migrations, service, files[0] ?? ''), 'utf8');
}

test.each([
  ...['authority', 'consumer', 'bureau'].flatMap((service) => [
    [service, 'member'],
    [service, 'roots'],
    [service, 'trees'],
    [service, 'ledger_bounds'],
  ]),
  ...['consumer', 'bureau'].map((service) => [service, 'status']),
])('the tables of a member are the same text in %s and broker: %s', (service = '', name = '') => {
  expect(textOf(service, name)).toBe(textOf('broker', name));
});
