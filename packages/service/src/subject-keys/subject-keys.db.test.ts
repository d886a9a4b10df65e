import { systemRandom } from '@causeway/kernel';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openUnder, sealUnder } from '../sealing.ts';
import { openFor, sealFor } from './subject-key.ts';
import { keptMs, SubjectKeys } from './subject-keys.ts';

let database: TestDatabase;
let pool: pg.Pool;
const asked: string[] = [];
const clock = { at: 1_800_000_000_000, now: () => clock.at, monotonic: () => clock.at };
const sealing = new Uint8Array(32).fill(3);

beforeAll(async () => {
  database = await testDatabase({ migrations: 'broker' });
  pool = new pg.Pool({ connectionString: database.url, max: 4 });
  const query = pool.query.bind(pool);
  pool.query = ((text: { name: string }, ...rest: never[]) => {
    asked.push(text.name);
    return query(text as never, ...rest);
  }) as never;
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** A process of the node, with its own memory. */
function keysOfProcess(key = sealing): SubjectKeys {
  const parts = { store: pool, rows: pool, sealing: key, clock, random: systemRandom };
  return new SubjectKeys({ ...parts, bury: () => Promise.reject(new Error('a life that has ended')) });
}

async function queriesOf(work: () => Promise<unknown>): Promise<string[]> {
  asked.length = 0;
  await work();
  return asked.slice();
}

test('a known subject costs no query; a new one five, and one that another process knows two', async () => {
  const keys = keysOfProcess();
  expect(await queriesOf(async () => await keys.of('a'))).toEqual([
    ...['find_subject_keys', 'lives_of_subjects'],
    ...['insert_subject_keys', 'find_subject_keys', 'insert_lives'],
  ]);
  expect(await queriesOf(async () => await keys.of('a'))).toEqual([]);
  const other = keysOfProcess();
  const first = await queriesOf(async () => await other.of('a'));
  expect(first).toEqual(['find_subject_keys', 'lives_of_subjects']);
  expect((await other.of('a')).life).toBe((await keys.of('a')).life);
});

test('subjects that come at the same time share their queries', async () => {
  const many = Array.from({ length: 100 }, (_, n) => `many-${n}`);
  await keysOfProcess().all(many);
  const keys = keysOfProcess();
  expect((await queriesOf(async () => await keys.all([...many, ...many]))).length).toBeLessThanOrEqual(4);
});

test('many processes at once make one key of a subject', async () => {
  const all = await Promise.all(Array.from({ length: 8 }, () => keysOfProcess().of('contested')));
  expect(new Set(all.map(({ bytes, life }) => `${life} ${Buffer.from(bytes).toString('hex')}`)).size).toBe(1);
});

test('a key is kept for half a minute at most after another process has destroyed it', async () => {
  const [one, other] = [keysOfProcess(), keysOfProcess()];
  const { life } = await one.of('b');
  await other.destroy('b', { erasure: 'e-1', n: 0 });
  expect((await one.of('b')).life).toBe(life);
  clock.at += keptMs + 1;
  await expect(one.ofLife(life)).rejects.toMatchObject({ code: 'not_found' });
});

test('an erasure destroys a key once; what is left of its life is found by the mark', async () => {
  const keys = keysOfProcess();
  const first = await keys.of('c');
  await keys.destroy('c', { erasure: 'e-2', n: 0 });
  await expect(keys.ofLife(first.life)).rejects.toMatchObject({ code: 'not_found' });
  expect(await keys.erased('00000000-0000-0000-0000-000000000000', 100)).toContain(first.life);
  expect(await keys.left([first.life])).toMatchObject([{ ref: 'c', life: first.life }]);
  await keys.destroy('c', { erasure: 'e-2', n: 0 });
});

test('a box opens in its place and life only, and never by the key of the node', async () => {
  const keys = keysOfProcess();
  const [mine, theirs] = [await keys.of('d'), await keys.of('e')];
  const box = sealFor(mine, 'text', 'place', systemRandom);
  expect(openFor(mine, box, 'place').toString()).toBe('text');
  expect(() => openFor(mine, box, 'elsewhere')).toThrow('internal');
  expect(() => openFor(theirs, box, 'place')).toThrow('internal');
  expect(() => openFor({ ...mine, life: theirs.life }, box, 'place')).toThrow('internal');
  expect(() => openUnder(sealing, box, 'place')).toThrow('internal');
  expect(() =>
    openFor(mine, sealUnder(mine.bytes, Buffer.from('x'), 'place', systemRandom), 'place'),
  ).toThrow('internal');
});

test('without the key of the node the key store opens nothing', async () => {
  await keysOfProcess().of('f');
  const row = 'SELECT wrapped FROM subject_key';
  const { rows } = await pool.query<{ wrapped: Buffer }>(row as never);
  expect(rows.length).toBeGreaterThan(0);
  for (const { wrapped } of rows) expect(() => openUnder(sealing, wrapped, 'place')).toThrow('internal');
});
