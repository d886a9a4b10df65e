import { systemRandom } from '@causeway/kernel';
import { sha256Digest } from '@causeway/protocol';
import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { createMetrics, PeerFailure, publicApp, type App } from '@causeway/service';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkReports } from '../adverse-actions/check-report.ts';
import { adverseActionRoutes } from '../adverse-actions/route.ts';
import { correctionRoutes } from '../corrections/route.ts';
import { openSession } from '../sessions/service.ts';
import { sessionRoutes } from '../sessions/route.ts';
import { createWorld, persons, refOf, type World } from '../test-world.ts';
import { disputeRoutes } from './route.ts';

let database: TestDatabase;
let world: World;
let app: App;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
  const { clock, log } = world.consumer;
  app = await publicApp({
    name: 'consumer',
    title: 'test',
    log,
    clock,
    random: systemRandom,
    metrics: createMetrics(),
  });
  // Member tokens have tests of their own; here a header says who calls.
  app.decorateRequest('caller');
  app.decorate('requireToken', (scope: string) => async (request) => {
    request.caller = { member: String(request.headers['x-member']), scopes: [scope] };
  });
  sessionRoutes(app, world.consumer);
  disputeRoutes(app, world.consumer);
  correctionRoutes(app, world.consumer);
  adverseActionRoutes(app, world.consumer);
});
afterAll(async () => {
  await app.close();
  await world.close();
  await database.drop();
});

let keys = 0;
async function call(method: 'GET' | 'POST', url: string, payload?: object, headers: object = {}) {
  const body = payload === undefined ? {} : { payload };
  const more = { 'idempotency-key': `k${(keys += 1)}`, ...headers };
  const answer = await app.inject({ method, url, headers: more, ...body });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
}
async function signedIn(
  identity: { scheme: string; value: string } = persons.lina,
): Promise<{ authorization: string }> {
  const nonce = `session:${String((keys += 1)).padStart(36, '0')}`;
  const { session } = await openSession(world.consumer, await world.idToken({ identity, nonce }));
  return { authorization: `Bearer ${session}` };
}
const item = { bureau: 'central', record: 'account-1', reason: 'not_mine', text: 'I never had this.' };

test('opened, listed, read and withdrawn over HTTP', async () => {
  const mine = await signedIn();
  const opened = await call('POST', '/v1/disputes', item, mine);
  expect(opened).toMatchObject({ status: 201, body: { state: 'received', others: [] } });
  const path = `/v1/disputes/${String(opened.body['id'])}`;
  expect((await call('GET', '/v1/disputes', undefined, mine)).body).toMatchObject({
    items: [{ state: 'received' }],
  });
  expect(await call('GET', path, undefined, mine)).toMatchObject({ status: 200, body: { text: item.text } });
  expect(await call('POST', `${path}/withdrawal`, undefined, mine)).toMatchObject({ status: 200 });
  const hers = await signedIn(persons.wang);
  expect(await call('GET', path, undefined, hers)).toMatchObject({ status: 404 });
  expect(await call('POST', `${path}/withdrawal`, undefined, hers)).toMatchObject({ status: 404 });
});

test('S67 S1 unknown and malformed members are refused, and so is whoever is not signed in', async () => {
  const mine = await signedIn();
  const changes: object[] = [
    ...[{ bureau: 'Central' }, { record: '' }, { record: 'a\nb' }, { reason: 'because' }, { text: '' }],
    ...[{ text: 'x'.repeat(2001) }, { subject_ref: 'x' }, { report: 'x' }, { also: [] }, { also: [item] }],
  ];
  for (const change of changes)
    expect([change, (await call('POST', '/v1/disputes', { ...item, ...change }, mine)).status]).toEqual([
      change,
      400,
    ]);
  const blank = await call('POST', '/v1/disputes', item, { ...mine, 'idempotency-key': '' });
  expect(blank.body['code']).toBe('idempotency_key_missing');
  for (const url of ['/v1/disputes', '/v1/adverse-actions'])
    expect((await call('GET', url)).body['code']).toBe('token_missing');
  expect((await call('POST', '/v1/disputes', item)).body['code']).toBe('token_missing');
});

test('a lender tells what it decided on its own granted inquiry, once, and the person reads it', async () => {
  const { digest } = await world.consentOf(persons.lina);
  const ref = await refOf(persons.lina);
  const inquiry = world.inquiry({ subject_ref: ref, consent: digest });
  await world.redemptions.redeem({ inquiry: inquiry.jws }, 'broker');
  const refused = world.inquiry({ subject_ref: ref, consent: digest });
  await world.redemptions.redeem({ inquiry: refused.jws }, 'broker');
  const decided = {
    ...{ subject_ref: ref, inquiry: inquiry.digest, report: sha256Digest('report'), decision: 'declined' },
    factors: ['overdue_now', 'many_inquiries'],
  };
  const tell = async (change: object = {}, lender = 'abc-bank') =>
    (await call('POST', '/v1/adverse-actions', { ...decided, ...change }, { 'x-member': lender })).status;
  expect(await tell({}, 'evergreen')).toBe(404);
  expect(await tell({ inquiry: refused.digest })).toBe(404);
  expect(await tell({ inquiry: sha256Digest('none') })).toBe(404);
  expect(await tell({ subject_ref: await refOf(persons.wang) })).toBe(404);
  expect(await tell({ factors: ['a', 'b', 'c', 'd', 'e'] })).toBe(400);
  expect(await tell({ factors: [] })).toBe(400);
  const list = async (identity: { scheme: string; value: string } = persons.lina) =>
    (await call('GET', '/v1/adverse-actions', undefined, await signedIn(identity))).body['items'];
  expect(await list()).toEqual([]);
  expect(await tell()).toBe(201);
  expect(await tell()).toBe(409);
  const { subject_ref: _, ...told } = decided;
  expect(await list()).toMatchObject([{ ...told, lender: 'abc-bank' }]);
  expect(await list(persons.wang)).toEqual([]);
});

test('the broker’s ledger says whether the report was written; till then it is a lender’s word', async () => {
  const { digest } = await world.consentOf(persons.wang, { fetch: 'periodic', max_uses: 9 });
  const ref = await refOf(persons.wang);
  const inquiry = world.inquiry({ subject_ref: ref, consent: digest });
  await world.redemptions.redeem({ inquiry: inquiry.jws }, 'broker');
  const reports = ['first', 'second', 'third'].map((name) => sha256Digest(name));
  const decided = (report = '') => ({
    ...{ subject_ref: ref, inquiry: inquiry.digest, report, decision: 'declined', factors: ['overdue_now'] },
  });
  const tell = async (report?: string) =>
    await call('POST', '/v1/adverse-actions', decided(report), { 'x-member': 'abc-bank' });
  const checked = async () => {
    const { body } = await call('GET', '/v1/adverse-actions', undefined, await signedIn(persons.wang));
    return (body['items'] as { report_checked: string }[]).map((one) => one.report_checked).toSorted();
  };
  const asked: object[] = [];
  const { federation } = world.consumer;
  const answers = (written: boolean | undefined) =>
    Object.assign(world.consumer, {
      federation: {
        call: async ({ body, member, path }: Parameters<typeof federation.call>[0]) => {
          asked.push({ member, path, body });
          if (written === undefined) throw new PeerFailure('unreachable');
          return { written };
        },
      },
    });
  try {
    answers(false);
    expect(await tell(reports[0])).toMatchObject({ body: { code: 'link_mismatch' } });
    expect(await checked()).toEqual([]);
    answers(true);
    expect((await tell(reports[0])).status).toBe(201);
    expect(asked.at(-1)).toEqual({
      ...{ member: 'broker', path: '/v1/report-checks' },
      body: { inquiry: inquiry.digest, report: reports[0], lender: 'abc-bank' },
    });
    answers(undefined);
    for (const report of reports.slice(1)) expect((await tell(report)).status).toBe(201);
    expect(await checked()).toEqual(['confirmed', 'unconfirmed', 'unconfirmed']);
    world.clock.advance(5000);
    await checkReports(world.consumer);
    expect(await checked()).toEqual(['confirmed', 'unconfirmed', 'unconfirmed']);
    answers(false);
    await checkReports(world.consumer);
    expect(await checked()).toEqual(['confirmed', 'unconfirmed', 'unconfirmed']);
    world.clock.advance(5000);
    await checkReports(world.consumer);
    expect(await checked()).toEqual(['confirmed', 'denied', 'denied']);
    asked.length = 0;
    world.clock.advance(86_400_000);
    await checkReports(world.consumer);
    expect(asked).toEqual([]);
  } finally {
    Object.assign(world.consumer, { federation });
  }
});

test('a lender reads its own corrections alone', async () => {
  const mine = await call('GET', '/v1/corrections', undefined, { 'x-member': 'abc-bank' });
  expect(mine).toMatchObject({ status: 200, body: { items: [] } });
});
