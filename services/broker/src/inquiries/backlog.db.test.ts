import type { App } from '@causeway/service';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { testApp } from '../test-http.ts';
import { createWorld, type World } from '../test-world.ts';
import { Backlog } from './backlog.ts';

let world: World;
let app: App;
const backlog = new Backlog({ frontMax: 3, backgroundMax: 2 });
beforeAll(async () => {
  world = await createWorld();
  app = await testApp({ ...world.broker, backlog });
});
afterAll(async () => {
  await app.close();
  await world.close();
});
afterEach(async () => {
  await world.database.pool.query('DELETE FROM inquiry_outbox');
  await backlog.measure(world.broker.db);
});

async function post(priority?: string, jws = world.inquiry()) {
  const headers = { 'content-type': 'application/jose', ...(priority === undefined ? {} : { priority }) };
  const answer = await app.inject({ method: 'POST', url: '/v1/inquiries', headers, payload: jws });
  const { code } = answer.json<{ code?: string }>();
  return { status: answer.statusCode, code, retryAfter: answer.headers['retry-after'] };
}

/** As many accepted as fit, and measured. */
async function full(priority: string | undefined, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) expect((await post(priority)).status).toBe(202);
  await backlog.measure(world.broker.db);
}

test('a lender says by Priority that an inquiry can wait, and so it is kept', async () => {
  await post('u=6');
  await post('u=2');
  const rows = await world.broker.db.selectFrom('inquiry_outbox').select('lane').orderBy('lane').execute();
  expect(rows.map(({ lane }) => lane)).toEqual(['batch', 'front']);
});

test('S87 more in front than can be answered in time is 503, and nothing is written', async () => {
  await full(undefined, 3);
  const before = await world.rows();
  expect(await post()).toEqual({ status: 503, code: 'unavailable', retryAfter: '1' });
  expect(await world.rows()).toEqual(before);
});

test('S87 a full background is refused with 429, and holds up nobody in front', async () => {
  await full('u=7', 2);
  const before = await world.rows();
  expect(await post('u=7')).toEqual({ status: 429, code: 'rate_limited', retryAfter: '1' });
  expect(await world.rows()).toEqual(before);
  expect((await post()).status).toBe(202);
});

test('S87 a full front does not refuse what nobody waits for', async () => {
  await full(undefined, 3);
  expect((await post('u=5')).status).toBe(202);
});

test('S87 what is done makes room again', async () => {
  await full(undefined, 3);
  await world.database.pool.query('DELETE FROM inquiry_outbox');
  expect((await post()).status).toBe(503);
  await backlog.measure(world.broker.db);
  expect((await post()).status).toBe(202);
});

test('a statement that is refused for what it says is told so, however full it is', async () => {
  await full(undefined, 3);
  expect((await post(undefined, world.inquiry({ aud: 'other-broker' }))).code).toBe('audience_mismatch');
  expect((await post(undefined, world.inquiry({ purpose: 'COLLECTION' }))).code).toBe(
    'purpose_not_permitted',
  );
});
