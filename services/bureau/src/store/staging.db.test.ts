import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { World } from '../test-world.ts';
import { createWorld } from '../test-world.ts';
import { stageRows } from './staging.ts';
import type { StagingTable } from './staging.ts';

interface Row {
  readonly name: string | null;
  readonly n: number;
  readonly ms: number | null;
  readonly ok: boolean;
}

const table: StagingTable<Row> = {
  name: 'staged_test',
  columns: [
    { name: 'name', type: 'text', of: ({ name }) => name },
    { name: 'n', type: 'int', of: ({ n }) => n },
    { name: 'ms', type: 'bigint', of: ({ ms }) => ms },
    { name: 'ok', type: 'boolean', of: ({ ok }) => ok },
  ],
};

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

/** One transaction on a connection that is given back, or thrown away where it failed. */
async function within<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await world.pool.connect();
  let failed = true;
  try {
    await client.query('BEGIN');
    const value = await work(client);
    await client.query('COMMIT');
    failed = false;
    return value;
  } finally {
    if (failed) await client.query('ROLLBACK');
    client.release();
  }
}

const staged = async (client: pg.PoolClient): Promise<Row[]> =>
  (await client.query<Row>('SELECT name, n, ms, ok FROM staged_test')).rows;

const stage = async (rows: readonly Row[]): Promise<Row[]> =>
  await within(async (client) => {
    await stageRows(client, table, rows);
    return await staged(client);
  });

const row = (change: Partial<Row> = {}): Row => ({ name: 'x', n: 1, ms: 1, ok: true, ...change });

/** Any text that PostgreSQL can hold: all but NUL and half characters. */
const text = fc
  .string({ unit: 'binary', maxLength: 40 })
  .map((any) => any.toWellFormed().replaceAll('\0', ''));

describe('staged rows', () => {
  it('come out as they went in, in their order, whatever their text', async () => {
    const rows = fc.array(
      fc.record<Row>({
        name: fc.option(text, { nil: null }),
        n: fc.integer({ min: -2_147_483_648, max: 2_147_483_647 }),
        ms: fc.option(fc.maxSafeInteger(), { nil: null }),
        ok: fc.boolean(),
      }),
      { maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(rows, async (some) => {
        expect(await stage(some)).toEqual(some);
      }),
      { numRuns: 30 },
    );
  });

  it('may be many and long: more than a buffer holds', async () => {
    const rows = [...Array.from({ length: 3000 }, (_, n) => row({ n })), row({ name: '文'.repeat(900_000) })];
    expect(await stage(rows)).toEqual(rows);
  });

  it('are gone with their transaction, and the next one begins with none', async () => {
    await stage([row()]);
    expect(await within(async (client) => await client.query('SELECT 1'))).toBeDefined();
    expect(await stage([])).toEqual([]);
  });
});

describe('a row that cannot be stored', () => {
  it.each([
    ['a NUL', row({ name: 'a\0b' }), /invalid byte sequence/u],
    ['a fraction', row({ n: 1.5 }), /not an integer/u],
    ['more than an int', row({ n: 2 ** 31 }), /out of range/u],
    ['a fraction of a bigint', row({ ms: 0.5 }), /cannot be converted to a BigInt/u],
  ])('because of %s fails its transaction, and the connection serves the next', async (_, bad, message) => {
    const rows = [...Array.from({ length: 600 }, (_each, n) => row({ n })), bad];
    await expect(stage(rows)).rejects.toThrow(message);
    expect(await stage([row({ n: 7 })])).toEqual([row({ n: 7 })]);
  });
});
