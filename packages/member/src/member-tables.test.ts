import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

const migrations = join(import.meta.dirname, '../../../migrations');
const tablesOf = (service: string): string =>
  readFileSync(join(migrations, service, '0001_member.sql'), 'utf8');

test.each(['authority', 'consumer', 'bureau'])(
  'the tables of a member are the same text in %s and broker',
  (service) => {
    expect(tablesOf(service)).toBe(tablesOf('broker'));
  },
);
