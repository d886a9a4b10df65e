import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { World } from '../test-world.ts';
import { createWorld } from '../test-world.ts';
import { countStatement } from './count-subjects.ts';
import { knownStatement } from './subjects.ts';

let database: TestDatabase;
let world: World;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'bureau' });
  world = await createWorld(database);
});

afterAll(async () => {
  await world.close();
  await database.drop();
});

/** How the service's own connections plan the statement now. */
async function plan(text: string): Promise<string> {
  const { rows } = await world.pool.query<{ 'QUERY PLAN': string }>(`EXPLAIN (GENERIC_PLAN) ${text}`);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

describe('counting the subjects of a chunk', () => {
  it('looks at the index for each of them, also as planned while the table was empty', async () => {
    const planned = await plan(countStatement.text);
    expect(planned).toContain('Index Cond: (subject_ref = asked.ref)');
    expect(planned).not.toMatch(/Seq Scan on record|Join Filter|Materialize/u);
  });
});

describe('asking which subjects of a chunk are known', () => {
  it('looks at the index for each of them, also as planned while the table was empty', async () => {
    const planned = await plan(knownStatement.text);
    expect(planned).toContain('Index Cond: (subject_ref = asked.ref)');
    expect(planned).not.toMatch(/Seq Scan on subject|Join Filter|Materialize/u);
  });
});
