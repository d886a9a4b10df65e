import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { createDatabase, hotTransaction } from '@causeway/service';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { readHosted } from '../sources/hosted/read.ts';
import type { BureauTables } from '../tables.ts';
import type { World } from '../test-world.ts';
import { createWorld } from '../test-world.ts';
import { sweepRecords } from './sweep.ts';
import { late, line, loans, publish, refOfResident } from './test-publishing.ts';

let database: TestDatabase;
let world: World;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'bureau' });
  world = await createWorld(database);
});

beforeEach(async () => {
  await world.reset();
});

afterAll(async () => {
  await world.close();
  await database.drop();
});

const goTo = (instant: string): void => world.clock.advance(Date.parse(instant) - world.clock.now());
const lates = (n: number, change = {}): string[] =>
  Array.from({ length: n }, (_, at) => late({ n: at, no: `L${at}`, ...change }));
const rowsOf = async (text: string): Promise<object[]> => (await world.pool.query<object>(text)).rows;
const stamps = `SELECT body, opened_by, expires_ms, due_ms, digest, version, delinquent_since FROM record
  ORDER BY body`;
const left = async () => ({
  records: await world.count('record'),
  versions: await world.count('record_version'),
  tombstones: await world.count('tombstone'),
});

const shown = async (): Promise<unknown[]> => {
  const at = { nowMs: world.clock.now(), rules: world.bureau.life() };
  const ref = refOfResident();
  const found = await hotTransaction(world.pool, async (trx) => await readHosted(trx, [ref], at));
  return (found.get(ref)?.records ?? []).map(({ text }) => JSON.parse(text) as unknown);
};

describe('the sweeper', () => {
  it('buries what is past its end, with every version, and leaves what is not', async () => {
    await publish(world, loans, late(), late({ n: 2, no: 'L2', to: '' }), line({ n: 3, no: 'L3' }));
    await publish(world, loans, late({ balance: '11.00', on: '2026-11-01' }));
    goTo('2026-12-20T23:59:59+08:00');
    expect(await sweepRecords(world.bureau)).toEqual({ buried: 0, restamped: 0 });
    goTo('2026-12-21T00:00:00+08:00');
    expect(await sweepRecords(world.bureau)).toEqual({ buried: 1, restamped: 0 });
    expect(await left()).toEqual({ records: 2, versions: 0, tombstones: 2 });
    expect(await rowsOf('SELECT DISTINCT rule, buried_ms FROM tombstone')).toEqual([
      { rule: 'cn.adverse.expire', buried_ms: world.clock.now() },
    ]);
    expect(await sweepRecords(world.bureau)).toEqual({ buried: 0, restamped: 0 });
  });

  it('catches up after years in which it did not run', async () => {
    await publish(world, loans, ...lates(650, { to: '2024-05-20' }));
    goTo('2041-01-01T00:00:00Z');
    expect(await sweepRecords(world.bureau)).toEqual({ buried: 650, restamped: 0 });
    expect(await left()).toEqual({ records: 0, versions: 0, tombstones: 650 });
  });

  it('does nothing to a debt whose payment was reversed in time', async () => {
    await publish(world, loans, late());
    await publish(world, loans, late({ to: '', on: '2026-11-02' }));
    goTo('2041-01-01T00:00:00Z');
    expect(await sweepRecords(world.bureau)).toEqual({ buried: 0, restamped: 0 });
    expect(await left()).toEqual({ records: 1, versions: 1, tombstones: 0 });
  });

  it('says anew of rows of before how they are shown, without changing them', async () => {
    await publish(world, loans, late(), line({ n: 2 }));
    const before = await rowsOf(stamps);
    await world.pool.query(
      `UPDATE record SET due_ms = 0, expires_ms = NULL, digest = '', delinquent_since = NULL`,
    );
    expect(await sweepRecords(world.bureau)).toEqual({ buried: 0, restamped: 2 });
    expect(await rowsOf(stamps)).toEqual(before);
  });

  it('three at once on two pools bury each record once', async () => {
    await publish(world, loans, ...lates(1500));
    goTo('2030-01-01T00:00:00Z');
    const pool = createDatabase<BureauTables>({
      ...{ url: database.url, name: 'second', max: 4, log: world.bureau.log },
    });
    const swept = await Promise.all([
      sweepRecords(world.bureau),
      sweepRecords({ ...world.bureau, pool: pool.pool }),
      sweepRecords({ ...world.bureau, pool: pool.pool }),
    ]);
    await pool.close();
    swept.push(await sweepRecords(world.bureau));
    expect(swept.reduce((sum, { buried }) => sum + buried, 0)).toBe(1500);
    expect(await left()).toEqual({ records: 0, versions: 0, tombstones: 1500 });
  });

  it('says when an override begins; until it has, whoever reads sees to it', async () => {
    goTo('2025-12-10T00:00:00+08:00');
    await publish(world, loans, late({ to: '', on: '2025-11-30', overdue: '800.00' }));
    await publish(world, loans, late({ to: '2025-12-05', on: '2025-12-09', overdue: '0.00' }));
    expect(await shown()).toMatchObject([{ status: 'overdue', is_adverse: true }]);
    goTo('2026-01-31T23:59:59+08:00');
    expect(await shown()).toMatchObject([{ status: 'overdue', is_adverse: true }]);
    goTo('2026-02-01T00:00:00+08:00');
    const [repaired] = await shown();
    expect(repaired).toMatchObject({ status: 'normal', version: 2 });
    expect(await sweepRecords(world.bureau)).toEqual({ buried: 0, restamped: 1 });
    expect(await shown()).toEqual([repaired]);
    goTo('2030-12-06T00:00:00+08:00');
    expect(await shown()).toEqual([]);
    expect(await sweepRecords(world.bureau)).toEqual({ buried: 1, restamped: 0 });
  });

  it('passes over what a publisher holds, and finds it the next time', async () => {
    await publish(world, loans, late(), late({ n: 2, no: 'L2' }));
    goTo('2030-01-01T00:00:00Z');
    const holder = await world.pool.connect();
    await holder.query('BEGIN');
    await holder.query(`SELECT FROM record WHERE source_record_id = 'L2' FOR UPDATE`);
    expect(await sweepRecords(world.bureau)).toEqual({ buried: 1, restamped: 0 });
    await holder.query('ROLLBACK');
    holder.release();
    expect(await sweepRecords(world.bureau)).toEqual({ buried: 1, restamped: 0 });
  });

  it('killed with SIGKILL half way leaves each record whole or buried; another ends the work', async () => {
    const n = 4000;
    await publish(world, loans, ...lates(n));
    goTo('2030-01-01T00:00:00Z');
    const program = join(import.meta.dirname, 'test-sweeper-process.ts');
    const args = [program, database.url, world.spoolDir, String(world.clock.now())];
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    const gone = once(child, 'exit');
    while ((await world.count('tombstone')) === 0) expect(child.exitCode).toBeNull();
    child.kill('SIGKILL');
    await gone;
    // One statement, one snapshot: the last COMMIT of the killed process may still be under way.
    const [state] = await rowsOf(`SELECT (SELECT count(*) FROM record)::int AS held,
      (SELECT count(*) FROM tombstone)::int AS buried`);
    const { buried, held } = state as { buried: number; held: number };
    expect([buried + held, held > 0]).toEqual([n, true]);
    await expect
      .poll(async () => {
        await sweepRecords(world.bureau);
        return await left();
      })
      .toEqual({ records: 0, versions: 0, tombstones: n });
  });
});
