import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { createDatabase, transaction } from './database.ts';
import type { Database } from './database.ts';
import { hotTransaction } from './hot-transaction.ts';
import { handClock, memoryLog, quietLog as log } from './shell.fixture.ts';
import { migrate } from './migrations.ts';
import { createReplayStore } from './replay-store.ts';

let server: TestDatabase;
let database: Database<unknown>;

beforeAll(async () => {
  server = await testDatabase({ migrations: 'broker' });
  database = createDatabase({ url: server.url, name: 'test', log });
});
afterAll(async () => {
  await database.close();
  await server.drop();
});

describe('columns', () => {
  test('a large count is a number, a date its text, a decimal its text', async () => {
    const { rows } = await database.pool.query(
      `SELECT 9007199254740991::int8 AS big, '2026-02-28'::date AS day, 1.10::numeric AS amount,
         count(*) AS n FROM leaf`,
    );
    expect(rows).toEqual([{ big: 9_007_199_254_740_991, day: '2026-02-28', amount: '1.10', n: 0 }]);
  });

  test('an integer that a number cannot hold is refused rather than rounded', async () => {
    await expect(database.pool.query('SELECT 9007199254740993::int8')).rejects.toThrow('safe integers');
  });
});

test('a statement that takes values is parsed once per connection, whatever the values', async () => {
  const one = createDatabase({ url: server.url, name: 'prepares', max: 1, log });
  for (const value of ['a', 'b', 'c']) {
    const { rows } = await sql<{ text: string }>`SELECT ${value}::text AS text`.execute(one.db);
    expect(rows).toEqual([{ text: value }]);
  }
  const { rows } = await one.pool.query(
    'SELECT generic_plans + custom_plans AS runs FROM pg_prepared_statements',
  );
  expect(rows).toEqual([{ runs: 3 }]);
  await one.close();
});

test('a statement that fails is a failure again the next time, and the connection goes on', async () => {
  const one = createDatabase({ url: server.url, name: 'fails', max: 1, log });
  const divide = async (by: number) => sql<{ n: number }>`SELECT 6 / ${by}::int AS n`.execute(one.db);
  await expect(divide(0)).rejects.toThrow('division by zero');
  await expect(divide(0)).rejects.toThrow('division by zero');
  expect((await divide(3)).rows).toEqual([{ n: 2 }]);
  await one.close();
});

test('a transaction that throws leaves nothing', async () => {
  const failing = transaction(database.db, async (trx) => {
    await sql`INSERT INTO replay_seen (key, expires_at_ms) VALUES ('t', 1)`.execute(trx);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect((await database.pool.query(`SELECT 1 FROM replay_seen WHERE key = 't'`)).rowCount).toBe(0);
});

test('S83 a connection that the server ends, idle or in use, fails its query and nothing else', async () => {
  const { log: remembered, lines } = memoryLog();
  const one = createDatabase({ url: server.url, name: 'victim', max: 2, log: remembered });
  const client = await one.pool.connect();
  const suicide = client.query('SELECT pg_terminate_backend(pg_backend_pid())');
  await expect(suicide).rejects.toThrow(/terminat/u);
  client.release(true);
  await one.pool.query('SELECT 1');
  await database.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'`,
  );
  await vi.waitFor(() => expect(lines()).toContain('database_connection_lost'));
  expect((await one.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await one.close();
});

describe('a pool whose connections are all in use', () => {
  const outcomes = async (answers: Promise<unknown>[]): Promise<Record<string, number>> => {
    const counts: Record<string, number> = {};
    for (const answer of await Promise.allSettled(answers)) {
      const what =
        answer.status === 'fulfilled' ? 'served' : String(Reflect.get(Object(answer.reason), 'code'));
      counts[what] = (counts[what] ?? 0) + 1;
    }
    return counts;
  };

  test('S87 serves those who may wait, and tells one more at once that it is full', async () => {
    const one = createDatabase({ url: server.url, name: 'full', max: 2, log });
    const holding = [await one.pool.connect(), await one.pool.connect()];
    const waiting = Array.from({ length: 40 }, async () => sql`SELECT 1`.execute(one.db));
    await vi.waitFor(() => expect(one.pool.waitingCount).toBe(40));
    const refused = await outcomes([
      sql`SELECT 1`.execute(one.db),
      one.pool.query('SELECT 1'),
      hotTransaction(one.pool, async () => undefined),
    ]);
    expect(refused).toEqual({ '53300': 3 });
    for (const client of holding) client.release();
    expect(await outcomes(waiting)).toEqual({ served: 40 });
    expect((await one.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await one.close();
  });

  test('S87 lets hardly anybody wait once none has come free for a second, until one does', async () => {
    const one = createDatabase({ url: server.url, name: 'stuck', max: 2, log });
    const holding = [await one.pool.connect(), await one.pool.connect()];
    const codes: unknown[] = [];
    const asking = setInterval(() => {
      one.pool.query('SELECT 1').catch((error: unknown) => codes.push(Reflect.get(Object(error), 'code')));
    }, 50);
    await vi.waitFor(() => expect(codes).toContain('53300'), { timeout: 15_000, interval: 20 });
    clearInterval(asking);
    // Far fewer than may wait where connections come and go.
    expect(one.pool.waitingCount).toBeLessThan(40);
    for (const client of holding) client.release();
    await vi.waitFor(() => expect(one.pool.waitingCount).toBe(0));
    const many = Array.from({ length: 20 }, async () => one.pool.query('SELECT 1'));
    expect(await outcomes(many)).toEqual({ served: 20 });
    await one.close();
  });
});

describe('S27 the replay store', () => {
  const clock = handClock();

  test('of fifty that ask at once exactly one is the first', async () => {
    const store = createReplayStore(database.pool, clock);
    const answers = await Promise.all(
      Array.from({ length: 50 }, async () => store.once('dpop:x', clock.now() + 1000)),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
  });

  test('another process and a restart remember it, until it has expired', async () => {
    const other = createDatabase({ url: server.url, name: 'other', log });
    const store = createReplayStore(other.pool, clock);
    expect(await store.once('dpop:x', clock.now() + 1000)).toBe(false);
    await store.purge();
    expect(await store.once('dpop:x', clock.now() + 1000)).toBe(false);
    clock.advance(2000);
    await store.purge();
    expect(await store.once('dpop:x', clock.now() + 1000)).toBe(true);
    await other.close();
  });
});

describe('migrations', () => {
  const folder = (files: Record<string, string>): string => {
    const dir = mkdtempSync(join(tmpdir(), 'migrations-'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
    return dir;
  };
  const tables = async (ownerUrl: string): Promise<string[]> => {
    const owner = createDatabase({ url: ownerUrl, name: 'look', log });
    const { rows } = await owner.pool.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relname LIKE 'm\\_%' ORDER BY 1`,
    );
    await owner.close();
    return rows.map((row) => row.name);
  };

  test('run in order, once, also when two replicas start together', async () => {
    const empty = await testDatabase();
    const first = { '0001_a.sql': 'CREATE TABLE m_a (id int); INSERT INTO m_a VALUES (1);' };
    const dir = folder({ ...first, '0002_b.sql': 'CREATE TABLE m_b AS SELECT id FROM m_a;' });
    await Promise.all([1, 2].map(async () => migrate({ ownerUrl: empty.ownerUrl, dir, log })));
    expect(await tables(empty.ownerUrl)).toEqual(['m_a', 'm_b']);
    writeFileSync(join(dir, '0003_c.sql'), 'CREATE TABLE m_c (id int);');
    await migrate({ ownerUrl: empty.ownerUrl, dir, log });
    expect(await tables(empty.ownerUrl)).toEqual(['m_a', 'm_b', 'm_c']);
    await empty.drop();
  });

  test('a file that fails leaves nothing of its run behind', async () => {
    const empty = await testDatabase();
    const dir = folder({
      '0001_a.sql': 'CREATE TABLE m_a (id int)',
      '0002_b.sql': 'CREATE TABLE m_b (id nonsense)',
    });
    await expect(migrate({ ownerUrl: empty.ownerUrl, dir, log })).rejects.toThrow('nonsense');
    expect(await tables(empty.ownerUrl)).toEqual([]);
    await empty.drop();
  });

  test.each(['1_a.sql', '0001-a.sql', '0001_A.sql'])('a file named %s stops the start', async (name) => {
    const dir = folder({ [name]: 'SELECT 1' });
    await expect(migrate({ ownerUrl: server.ownerUrl, dir, log })).rejects.toThrow(
      'not named as a migration',
    );
  });

  test('the service’s own role cannot migrate', async () => {
    const empty = await testDatabase();
    const dir = folder({ '0001_a.sql': 'CREATE TABLE m_a (id int)' });
    await expect(migrate({ ownerUrl: empty.url, dir, log })).rejects.toThrow('permission denied');
    await empty.drop();
  });
});

describe('a hot transaction', () => {
  const addKey = {
    name: 'add_once_key',
    text: `INSERT INTO once_key (partition_key, scope, key, digest)
      VALUES ($1, 'hot', $2, 'd') RETURNING key`,
  };
  const keys = async (): Promise<string[]> => {
    const { rows } = await database.pool.query<{ key: string }>(
      "SELECT key FROM once_key WHERE scope = 'hot' ORDER BY key",
    );
    return rows.map(({ key }) => key);
  };

  test('is durable as a whole when it returns', async () => {
    const value = await hotTransaction(database.pool, async (trx) => {
      const [first] = await trx.query<{ key: string }>(addKey, ['p', 'a']);
      await trx.query(addKey, ['p', 'b']);
      return first?.key;
    });
    expect(value).toBe('a');
    expect(await keys()).toEqual(['a', 'b']);
  });

  test('leaves nothing when its work throws, and its connection serves the next', async () => {
    const one = createDatabase({ url: server.url, name: 'hot', max: 1, log });
    const pid = async () => (await one.pool.query<object>('SELECT pg_backend_pid() AS pid')).rows;
    const before = await pid();
    const failing = hotTransaction(one.pool, async (trx) => {
      await trx.query(addKey, ['p', 'c']);
      await trx.query(addKey, ['p', 'c']);
    });
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    expect(await pid()).toEqual(before);
    expect(await keys()).toEqual(['a', 'b']);
    await one.close();
  });

  test('S83 a connection cut in the middle leaves nothing, and the pool goes on', async () => {
    const cut = hotTransaction(database.pool, async (trx) => {
      await trx.query(addKey, ['p', 'd']);
      await trx.query({ name: 'end_self', text: 'SELECT pg_terminate_backend(pg_backend_pid())' }, []);
    });
    await expect(cut).rejects.toThrow(/terminating connection|Connection terminated/u);
    expect(await keys()).toEqual(['a', 'b']);
  });
});
