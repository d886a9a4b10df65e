import pg from 'pg';
import { expect, test } from 'vitest';
import { testDatabase } from './test-database.ts';

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

test('a test database answers its service role, which is a member of causeway_app', async () => {
  const database = await testDatabase();
  const rows = await ask(
    database.url,
    `SELECT pg_has_role(current_user, 'causeway_app', 'member') AS member`,
  );
  expect(rows).toEqual([{ member: true }]);
  await database.drop();
});

test('the service role creates no tables', async () => {
  const database = await testDatabase();
  await expect(ask(database.url, 'CREATE TABLE mine (x int)')).rejects.toThrow('permission denied');
  await database.drop();
});

test('one service cannot connect to the database of another', async () => {
  const [mine, other] = [await testDatabase(), await testDatabase()];
  const crossed = new URL(mine.url);
  crossed.pathname = new URL(other.url).pathname;
  await expect(ask(crossed.href, 'SELECT 1')).rejects.toThrow('permission denied for database');
  await Promise.all([mine.drop(), other.drop()]);
});

test('a wrong password is refused', async () => {
  const database = await testDatabase();
  const guess = new URL(database.url);
  guess.password = 'guess';
  await expect(ask(guess.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
  await database.drop();
});

test('a dropped database is gone', async () => {
  const database = await testDatabase();
  await database.drop();
  await expect(ask(database.url, 'SELECT 1')).rejects.toThrow('does not exist');
});
