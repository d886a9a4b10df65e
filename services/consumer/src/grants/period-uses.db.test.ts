import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { approve } from '../consents/approve.ts';
import { ask, createWorld, persons, refOf, type World } from '../test-world.ts';
import { periodStartMs } from './period-uses.ts';

let database: TestDatabase;
let world: World;
const { lina } = persons;
const ref = await refOf(lina);

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
});
afterAll(async () => {
  await world.close();
  await database.drop();
});

async function consented(frequency: { uses: number; per: 'day' | 'month' }) {
  const asked = await ask(world.consumer, ref, { fetch: 'periodic', max_uses: 10, frequency });
  const nonce = `approve:${asked.id}:${asked.form_digest}`;
  return await approve(world.consumer, asked.id, await world.idToken({ identity: lina, nonce }));
}
const inquiry = (consent: string) => world.inquiry({ subject_ref: ref, consent: consent as 'sha-256:' }).jws;
const redeem = async (jws: string) => {
  const came = await world.redemptions.redeem({ inquiry: jws }, 'broker');
  return 'code' in came ? came.code : 'granted';
};
const dayMs = 86_400_000;

test('a consent serves as often in a day as it says, and again on the next', async () => {
  const { digest } = await consented({ uses: 2, per: 'day' });
  const both = await Promise.all([redeem(inquiry(digest)), redeem(inquiry(digest)), redeem(inquiry(digest))]);
  expect(both.toSorted()).toEqual(['consent_used_up', 'granted', 'granted']);
  expect(await redeem(inquiry(digest))).toBe('consent_used_up');
  world.clock.advance(dayMs);
  expect(await redeem(inquiry(digest))).toBe('granted');
});

test('a use that was spent is renewed whatever the day has seen since', async () => {
  const { digest } = await consented({ uses: 1, per: 'day' });
  const first = inquiry(digest);
  expect(await redeem(first)).toBe('granted');
  expect(await redeem(inquiry(digest))).toBe('consent_used_up');
  expect(await redeem(first)).toBe('granted');
});

test('a month is one of the calendar', async () => {
  const { digest } = await consented({ uses: 1, per: 'month' });
  expect(await redeem(inquiry(digest))).toBe('granted');
  world.clock.advance(dayMs);
  expect(await redeem(inquiry(digest))).toBe('consent_used_up');
});

test('the beginnings of days and months are those of Shanghai', () => {
  const at = Date.parse('2026-11-30T16:00:00Z');
  expect(new Date(periodStartMs('day', at)).toISOString()).toBe('2026-11-30T16:00:00.000Z');
  expect(new Date(periodStartMs('day', at - 1)).toISOString()).toBe('2026-11-29T16:00:00.000Z');
  expect(new Date(periodStartMs('month', at)).toISOString()).toBe('2026-11-30T16:00:00.000Z');
  expect(new Date(periodStartMs('month', at - 1)).toISOString()).toBe('2026-10-31T16:00:00.000Z');
});

test('who may ask once has no frequency', async () => {
  const body = { fetch: 'once' as const, max_uses: 1, frequency: { uses: 1, per: 'day' as const } };
  await expect(ask(world.consumer, ref, body)).rejects.toMatchObject({
    code: 'bad_request',
    pointer: '/frequency',
  });
});
