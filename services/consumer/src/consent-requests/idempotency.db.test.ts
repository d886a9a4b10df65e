import { CausewayError } from '@causeway/protocol';
import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createWorld, persons, refOf, type World } from '../test-world.ts';
import { forgetKeys, keepMs } from './idempotency.ts';
import type { ConsentRequestBody } from './schema.ts';
import { requestConsent } from './service.ts';

let database: TestDatabase;
let world: World;
let body: ConsentRequestBody;
let keys = 0;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
  body = {
    ...{ subject_ref: await refOf(persons.lina), kind: 'query', purposes: ['LOAN_APPROVAL'], valid_days: 3 },
    ...{ categories: ['SCORE'], bureaus: ['central'], fetch: 'once', max_uses: 1 },
    ...{ recipient_retention: 'P30D', language: 'zh-CN' },
  };
});
afterAll(async () => {
  await world.close();
  await database.drop();
});
afterEach(() => {
  const central = world.directory.entries.get('central');
  if (central) world.directory.entries.set('central', { ...central, status: 'active' });
});

const freshCall = (lender = 'abc-bank') => ({ lender, key: `key-${(keys += 1)}` });
const ask = async (call: { lender: string; key: string }, change: Partial<ConsentRequestBody> = {}) =>
  await requestConsent(world.consumer, call, { ...body, ...change });

/** An answer, or the code and words of a refusal. */
async function told(act: Promise<unknown>): Promise<unknown> {
  try {
    return await act;
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error;
    return { code: error.code, detail: error.publicDetail, pointer: error.pointer };
  }
}

async function counts(): Promise<{ keys: number; requests: number }> {
  const { rows } = await sql<{ keys: number; requests: number }>`
    SELECT (SELECT count(*) FROM idempotency) AS keys, (SELECT count(*) FROM consent_request) AS requests
  `.execute(world.consumer.db);
  return rows[0] ?? { keys: 0, requests: 0 };
}

/** Runs `act` and tells what it added. */
async function added(act: () => Promise<unknown>): Promise<{ keys: number; requests: number }> {
  const before = await counts();
  await act();
  const after = await counts();
  return { keys: after.keys - before.keys, requests: after.requests - before.requests };
}

/** A session of the database's owner, to stand in the way. */
async function inTheWay<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

describe('S78 one idempotency key', () => {
  test('S78 a hundred copies at once are one request, with the same answer for each', async () => {
    const call = freshCall();
    const answers: unknown[] = [];
    const change = await added(async () => {
      answers.push(...(await Promise.all(Array.from({ length: 100 }, async () => await ask(call)))));
    });
    expect(change).toEqual({ keys: 1, requests: 1 });
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  test('S78 gets the same answer later, whatever has become of the directory', async () => {
    const call = freshCall();
    const first = await ask(call);
    world.clock.advance(60_000);
    const central = world.directory.entries.get('central');
    if (central) world.directory.entries.set('central', { ...central, status: 'suspended' });
    const change = await added(async () => expect(await ask(call)).toEqual(first));
    expect(change).toEqual({ keys: 0, requests: 0 });
  });

  test('S78 gets the same refusal later, though it would be answered by now', async () => {
    const call = freshCall();
    const central = world.directory.entries.get('central');
    if (central) world.directory.entries.set('central', { ...central, status: 'suspended' });
    let first: unknown;
    expect(await added(async () => (first = await told(ask(call))))).toEqual({ keys: 1, requests: 0 });
    expect(first).toEqual({
      ...{ code: 'bad_request', detail: 'Name bureaus of the directory.', pointer: '/bureaus' },
    });
    if (central) world.directory.entries.set('central', central);
    const change = await added(async () => expect(await told(ask(call))).toEqual(first));
    expect(change).toEqual({ keys: 0, requests: 0 });
    expect(await added(async () => await ask(freshCall()))).toEqual({ keys: 1, requests: 1 });
  });

  test.each([
    ['after an answer', {}],
    ['after a refusal', { purposes: ['EMPLOYMENT' as const] }],
  ])('S78 with another body is a mismatch %s, and nothing is written', async (_, first) => {
    const call = freshCall();
    await told(ask(call, first));
    const change = await added(async () => {
      expect(await told(ask(call, { valid_days: 4 }))).toMatchObject({ code: 'idempotency_mismatch' });
    });
    expect(change).toEqual({ keys: 0, requests: 0 });
  });

  test('the order of the members of a body does not make it another', async () => {
    const call = freshCall();
    const first = await ask(call);
    const reversed = Object.fromEntries(Object.entries(body).toReversed()) as ConsentRequestBody;
    expect(await requestConsent(world.consumer, call, reversed)).toEqual(first);
  });

  test('S78 is the lender’s own: the same key of another is another request', async () => {
    const call = freshCall();
    const first = await ask(call);
    const change = await added(async () => {
      expect(await ask({ ...call, lender: 'evergreen' })).not.toEqual(first);
    });
    expect(change).toEqual({ keys: 1, requests: 1 });
  });

  test('a fault that may pass is not kept: the same key is answered when it has passed', async () => {
    const call = freshCall();
    const notReady = { ...world.consumer, directory: () => refuse('not_ready') };
    expect(await told(requestConsent(notReady, call, body))).toMatchObject({ code: 'not_ready' });
    expect(await added(async () => await ask(call))).toEqual({ keys: 1, requests: 1 });
  });
});

describe('S78 while the first is under way', () => {
  const digestOf = async (): Promise<string> => {
    const call = freshCall();
    await ask(call);
    const row = await world.consumer.db
      .selectFrom('idempotency')
      .where('key', '=', call.key)
      .select('request_digest')
      .executeTakeFirstOrThrow();
    return row.request_digest;
  };

  test.each([
    ['COMMIT', 0],
    ['ROLLBACK', 1],
  ])('S78 the second waits for it; after its %s there are %i more requests', async (end, requests) => {
    const [call, digest] = [freshCall(), await digestOf()];
    await inTheWay(async (client) => {
      await client.query('BEGIN');
      await client.query(
        `INSERT INTO idempotency (lender, key, request_digest, answer, created_ms)
         VALUES ($1, $2, $3, $4, 1)`,
        [call.lender, call.key, digest, '{"id":"the first"}'],
      );
      let answer: unknown;
      const change = await added(async () => {
        const second = ask(call).then((said) => (answer = said));
        await vi.waitUntil(async () => (await waiting()) > 0, { timeout: 10_000 });
        expect(answer).toBeUndefined();
        await client.query(end);
        await second;
      });
      expect(change.requests).toBe(requests);
      expect(JSON.stringify(answer).includes('the first')).toBe(end === 'COMMIT');
    });
  });

  test('S78 a process that dies between effect and record leaves neither; a retry is first', async () => {
    const call = freshCall();
    await inTheWay(async (client) => {
      await client.query('BEGIN');
      await client.query('LOCK TABLE consent_request IN EXCLUSIVE MODE');
      const dying = told(ask(call).catch((error: unknown) => (error instanceof Error ? 'cut' : error)));
      await vi.waitUntil(async () => (await waiting()) > 0, { timeout: 10_000 });
      const before = await counts();
      await sql.raw(`SELECT pg_terminate_backend(pid) ${blocked}`).execute(world.consumer.db);
      expect(await dying).toBe('cut');
      await client.query('ROLLBACK');
      expect(await counts()).toEqual(before);
    });
    const first = await ask(call);
    expect(await added(async () => expect(await ask(call)).toEqual(first))).toEqual({ keys: 0, requests: 0 });
  });
});

test('S78 a key is kept as long as its request can be answered, and longer, and then forgotten', async () => {
  const call = freshCall();
  const { expires_at } = (await ask(call)) as { expires_at: string };
  const { clock, consumer } = world;
  const forget = async (): Promise<void> => await forgetKeys(consumer.db, clock.now());
  world.clock.advance(keepMs);
  expect(clock.now()).toBeGreaterThan(Date.parse(expires_at));
  await forget();
  expect(await added(async () => await ask(call))).toEqual({ keys: 0, requests: 0 });
  world.clock.advance(1);
  await forget();
  expect((await counts()).keys).toBe(0);
  expect(await added(async () => await ask(call))).toEqual({ keys: 1, requests: 1 });
});

/** Sessions of the service that wait for a lock in this database. */
const blocked = `FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()`;

async function waiting(): Promise<number> {
  const { rows } = await sql.raw<{ n: number }>(`SELECT count(*) AS n ${blocked}`).execute(world.consumer.db);
  return rows[0]?.n ?? 0;
}

function refuse(code: 'not_ready'): never {
  throw new CausewayError(code);
}
