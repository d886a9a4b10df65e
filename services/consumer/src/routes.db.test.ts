import { systemRandom } from '@causeway/kernel';
import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { createMetrics, publicApp, type App } from '@causeway/service';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessRoutes } from './accesses/route.ts';
import { consentRequestRoutes } from './consent-requests/route.ts';
import { consentRoutes } from './consents/route.ts';
import { freezeRoutes } from './freezes/route.ts';
import { identityRoutes } from './identities/route.ts';
import { receiptRoutes } from './receipts/route.ts';
import { sessionRoutes } from './sessions/route.ts';
import { createWorld, persons, refOf, type World } from './test-world.ts';

let database: TestDatabase;
let world: World;
let app: App;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
  const { clock, log } = world.consumer;
  const metrics = createMetrics();
  app = await publicApp({ name: 'consumer', title: 'test', log, clock, random: systemRandom, metrics });
  // Member tokens have tests of their own; here a header says who calls.
  app.decorateRequest('caller');
  app.decorate('requireToken', (scope: string) => async (request) => {
    request.caller = { member: String(request.headers['x-member']), scopes: [scope] };
  });
  consentRequestRoutes(app, world.consumer);
  consentRoutes(app, world.consumer);
  freezeRoutes(app, world.consumer);
  sessionRoutes(app, world.consumer);
  identityRoutes(app, world.consumer);
  accessRoutes(app, world.consumer);
  receiptRoutes(app, world.consumer);
});
afterAll(async () => {
  await app.close();
  await world.close();
  await database.drop();
});

const lenderHeaders = { 'x-member': 'abc-bank', 'idempotency-key': 'k1' };
const terms = async () => ({
  ...{ subject_ref: await refOf(persons.lina), kind: 'query', purposes: ['LOAN_APPROVAL'], valid_days: 3 },
  ...{ categories: ['SCORE'], bureaus: ['central'], fetch: 'once', max_uses: 1 },
  ...{ recipient_retention: 'P30D', language: 'en' },
});

async function call(method: 'GET' | 'POST', url: string, payload?: object, headers: object = {}) {
  const body = payload === undefined ? {} : { payload };
  const answer = await app.inject({ method, url, headers: { ...headers }, ...body });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
}

async function session(): Promise<{ authorization: string }> {
  const nonce = `session:${String(requests++).padStart(36, '0')}`;
  const idToken = await world.idToken({ identity: persons.lina, nonce });
  const { body } = await call('POST', '/v1/sessions', { id_token: idToken });
  return { authorization: `Bearer ${String(body['session'])}` };
}
let requests = 1;

test('a request, its form, its approval and its revocation, over HTTP', async () => {
  const asked = await call('POST', '/v1/consent-requests', await terms(), lenderHeaders);
  expect(asked).toMatchObject({ status: 201, body: { status: 'pending', form: { language: 'en' } } });
  const { id, form_digest: form } = asked.body;
  const mine = await call('GET', '/v1/consent-requests', undefined, await session());
  expect(mine.body).toMatchObject({ items: [{ id, lender: 'abc-bank', form_digest: form }] });
  const idToken = await world.idToken({
    identity: persons.lina,
    nonce: `approve:${String(id)}:${String(form)}`,
  });
  const given = await call('POST', '/v1/consents', { request: id, id_token: idToken });
  expect(given.status).toBe(201);
  const revocation = `/v1/consents/${String(given.body['id'])}/revocation`;
  expect(await call('POST', revocation, undefined, await session())).toMatchObject({
    ...{ status: 200, body: { status: 'revoked' } },
  });
});

test('who asks is told as the directory has it, and what is offered as the lender declares it', async () => {
  const product = { name: 'Car loan', amount: '150000.00', currency: 'CNY', apr: '7.2' };
  const headers = { ...lenderHeaders, 'idempotency-key': 'k43' };
  const asked = await call('POST', '/v1/consent-requests', { ...(await terms()), product }, headers);
  expect(asked.status).toBe(201);
  const { items } = (await call('GET', '/v1/consent-requests', undefined, await session())).body as {
    items: { id: string }[];
  };
  expect(items.find(({ id }) => id === asked.body['id'])).toMatchObject({
    ...{ product, lender: 'abc-bank' },
    who: { legal_name: 'abc-bank', licence_class: 'A', jurisdiction: 'CN', status: 'active' },
  });
  const wrong = [
    ...[{ name: '' }, { name: 'x'.repeat(81) }, { name: 'x', apr: '7,2' }, { name: 'x', apr: '-1' }],
    ...[
      { name: 'x', amount: '01', currency: 'CNY' },
      { name: 'x', amount: '1e9', currency: 'CNY' },
    ],
    ...[{ name: 'x', amount: '1', currency: 'yuan' }, { name: 'x', rate: '1' }, { apr: '1' }, 'x'],
  ];
  for (const [n, one] of wrong.entries()) {
    const refused = await call(
      ...(['POST', '/v1/consent-requests', { ...(await terms()), product: one }] as const),
      { ...lenderHeaders, 'idempotency-key': `wrong-${n}` },
    );
    expect(refused).toMatchObject({ status: 400, body: { code: 'bad_request' } });
  }
});

test('S44 giving is one call and leaves a signed receipt, as withdrawing does', async () => {
  const asked = await call('POST', '/v1/consent-requests', await terms(), {
    ...lenderHeaders,
    'idempotency-key': 'k44',
  });
  const { id, form_digest: form } = asked.body;
  const nonce = `approve:${String(id)}:${String(form)}`;
  const idToken = await world.idToken({ identity: persons.lina, nonce });
  const given = await call('POST', '/v1/consents', { request: id, id_token: idToken });
  expect(given.status).toBe(201);
  expect(given.body['consent']).toMatch(/^ey/u);
  const digest = String(given.body['digest']);
  const receipts = await call('GET', '/v1/receipts', undefined, await session());
  expect(receipts.body).toMatchObject({
    items: expect.arrayContaining([expect.objectContaining({ id: `given.${digest.slice(8)}` })]) as unknown,
  });
  const receipt = await call('GET', `/v1/receipts/given.${digest.slice(8)}`, undefined, await session());
  expect(receipt).toMatchObject({ status: 200, body: { receipt: given.body['consent'], leaf: digest } });
  expect((await call('GET', `/v1/receipts/given.${'A'.repeat(43)}`, undefined, await session())).status).toBe(
    404,
  );
  expect((await call('GET', '/v1/receipts')).status).toBe(401);
});

test('S44 withdrawing, for a time or for good, is one call as giving is, with a signed stop', async () => {
  const { id } = await world.consentOf(persons.lina);
  const status: Record<string, string> = { pause: 'paused', resumption: 'active', revocation: 'revoked' };
  for (const [path, state] of Object.entries(status)) {
    const answer = await call('POST', `/v1/consents/${id}/${path}`, undefined, await session());
    expect(answer).toMatchObject({ status: 200, body: { status: state, waiting: [] } });
    expect(answer.body['receipt']).toMatch(/^ey/u);
    expect(answer.body['acknowledgements']).toHaveLength(4);
  }
  const again = await call('POST', `/v1/consents/${id}/pause`, undefined, await session());
  expect(again).toMatchObject({ status: 409, body: { code: 'conflict' } });
});

test('a freeze is placed by a session and lifted by a fresh sign-in alone', async () => {
  const placed = await call('POST', '/v1/freezes', undefined, await session());
  expect(placed).toMatchObject({ status: 201, body: { status: 'frozen', waiting: [] } });
  const id = String(placed.body['id']);
  const path = `/v1/freezes/${id}/thaw`;
  for (const body of [undefined, {}]) {
    const refused = await call('POST', path, body, await session());
    expect(refused).toMatchObject({ status: 401, body: { code: 'token_missing' } });
  }
  const wrong = await world.idToken({ identity: persons.lina, nonce: `freeze:${id}` });
  expect(await call('POST', path, { id_token: wrong }, await session())).toMatchObject({ status: 401 });
  expect((await call('GET', '/v1/freezes', undefined, await session())).body).toMatchObject({
    items: [{ id, status: 'frozen' }],
  });
  const token = await world.idToken({ identity: persons.lina, nonce: `thaw:${id}` });
  expect(await call('POST', path, { id_token: token })).toMatchObject({
    ...{ status: 200, body: { id, status: 'lifted' } },
  });
});

test('identities are linked by both, and told by kind only', async () => {
  const id = '0199aaaa-0000-7000-8000-0000000000f0';
  const passport = { scheme: 'passport', value: 'UTOL898902C3' };
  const tokenOf = (identity: object) => world.idToken({ identity, nonce: `link:${id}`, jti: Math.random() });
  const asked = await call('POST', '/v1/link-requests', { id_token: await tokenOf(persons.lina) });
  expect(asked).toMatchObject({ status: 201, body: { id } });
  const bare = await call('POST', '/v1/identities', { id_token: await tokenOf(passport) });
  expect(bare).toMatchObject({ status: 401, body: { code: 'token_missing' } });
  expect(await call('POST', '/v1/identities', {}, await session())).toMatchObject({ status: 401 });
  const body = { id_token: await tokenOf(passport) };
  expect(await call('POST', '/v1/identities', body, await session())).toMatchObject({ status: 201 });
  const { body: mine } = await call('GET', '/v1/identities', undefined, await session());
  const kinds = (mine['identities'] as { scheme: string }[]).map(({ scheme }) => scheme);
  expect(new Set(kinds)).toEqual(new Set(['gb11643', 'passport']));
  expect(JSON.stringify(mine)).not.toMatch(/s1\.|898902/u);
});

test('S78: a request without an idempotency key, or with a useless one, is refused', async () => {
  const { 'idempotency-key': _key, ...without } = lenderHeaders;
  const missing = await call('POST', '/v1/consent-requests', await terms(), without);
  expect(missing).toMatchObject({ status: 400, body: { code: 'idempotency_key_missing' } });
  const long = { ...without, 'idempotency-key': 'k'.repeat(129) };
  expect(await call('POST', '/v1/consent-requests', await terms(), long)).toMatchObject({ status: 400 });
});

test('S67: unknown, missing and malformed members are refused', async () => {
  const good = await terms();
  const changes: object[] = [
    { status: 'approved' },
    { lender: 'evergreen' },
    { subject_ref: 'gb11643:1' },
    { subject_ref: undefined },
    { kind: 'provide' },
    { purposes: [] },
    { purposes: ['ANYTHING'] },
    { categories: ['RELIGION'] },
    { categories: ['SCORE', 'SCORE'] },
    { bureaus: 'all' },
    { valid_days: 0 },
    { valid_days: '3' },
    { valid_days: 1.5 },
    { max_uses: 0 },
    { recipient_retention: 'P' },
    { language: 'fr' },
  ];
  for (const change of changes) {
    const answer = await call('POST', '/v1/consent-requests', { ...good, ...change }, lenderHeaders);
    expect([change, answer.status, answer.body['code']]).toEqual([change, 400, 'bad_request']);
  }
});

test('S1: what belongs to a subject needs a session', async () => {
  const id = '0199aaaa-0000-7000-8000-000000000001';
  const routes = [
    ['GET', '/v1/consent-requests'],
    ['GET', '/v1/consents'],
    ['GET', '/v1/accesses'],
    ['POST', `/v1/consents/${id}/revocation`],
    ['POST', `/v1/consents/${id}/pause`],
    ['POST', `/v1/consents/${id}/resumption`],
    ['POST', '/v1/freezes'],
    ['GET', '/v1/freezes'],
    ['GET', '/v1/identities'],
    ['POST', '/v1/identities'],
    ['POST', `/v1/consent-requests/${id}/rejection`],
  ] as const;
  for (const [method, url] of routes) {
    expect(await call(method, url)).toMatchObject({ status: 401, body: { code: 'token_missing' } });
    const headers = { authorization: `Bearer ${'A'.repeat(43)}` };
    expect(await call(method, url, undefined, headers)).toMatchObject({ status: 401 });
  }
});

test('S76: an absent request and one of another lender read the same', async () => {
  const asked = await call('POST', '/v1/consent-requests', await terms(), {
    ...lenderHeaders,
    'idempotency-key': 'k2',
  });
  const other = { 'x-member': 'evergreen' };
  const foreign = await call('GET', `/v1/consent-requests/${String(asked.body['id'])}`, undefined, other);
  const absent = await call(
    'GET',
    '/v1/consent-requests/0199aaaa-0000-7000-8000-000000000001',
    undefined,
    other,
  );
  expect({ ...foreign.body, request_id: '' }).toEqual({ ...absent.body, request_id: '' });
  expect(foreign.status).toBe(404);
});
