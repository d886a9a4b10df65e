import { systemClock, systemRandom } from '@causeway/kernel';
import { startIdentityProvider, type IdentityProvider } from '@causeway/sandbox/identity-provider/index';
import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { createMetrics, publicApp, type App } from '@causeway/service';
import { signInProvider } from '@causeway/service/sign-in/identity-provider';
import { identityProviderFetch } from '@causeway/service/sign-in/identity-provider-fetch';
import { identityProviderKeys } from '@causeway/service/sign-in/identity-provider-keys';
import { returnPath } from '@causeway/service/sign-in/sign-in-flow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessRoutes } from '../accesses/route.ts';
import type { Consumer } from '../consumer.ts';
import { freezeRoutes } from '../freezes/route.ts';
import { sessionRoutes } from '../sessions/route.ts';
import { idTokenVerifier } from '../subjects/id-token.ts';
import { ask, createWorld, persons, refOf, type World } from '../test-world.ts';
import { signInRoutes } from './route.ts';

const clientId = 'portal';
const publicUrl = 'http://localhost:7200';
const session = '__Host-causeway-consumer';
const flow = '__Host-causeway-consumer-sign-in';

let database: TestDatabase;
let world: World;
let idp: IdentityProvider;
let app: App;
let passedMs = 0;
const clock = {
  now: () => systemClock.now() + passedMs,
  monotonic: () => systemClock.monotonic() + passedMs,
};

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
  const lina = { id: 'li-na', name: '李娜', story: '', choice: { person: persons.lina } };
  const wang = { id: 'wang', name: '王', story: '', choice: { person: persons.wang } };
  idp = await startIdentityProvider({
    ...{ port: 0, clientId, suggestions: [lina, wang], redirectUris: [`${publicUrl}${returnPath}`] },
  });
  app = await appFor(idp.issuer);
});
afterAll(async () => {
  await app.close();
  await idp.stop();
  await world.close();
  await database.drop();
});

async function appFor(issuer: string): Promise<App> {
  const fetching = identityProviderFetch(clock);
  const keys = identityProviderKeys(issuer, fetching);
  const verifyIdToken = idTokenVerifier({ issuer, clientId, keys, clock });
  const consumer: Consumer = { ...world.consumer, clock, publicUrl, verifyIdToken };
  const { log } = consumer;
  const made = await publicApp({
    ...{ name: 'consumer', title: 'test', log, clock, random: systemRandom, metrics: createMetrics() },
  });
  sessionRoutes(made, consumer);
  accessRoutes(made, consumer);
  freezeRoutes(made, consumer);
  const redirectUri = `${publicUrl}${returnPath}`;
  const provider = signInProvider({ issuer, clientId, ask: fetching, redirectUri });
  signInRoutes(made, consumer, { sessions: provider, acts: provider });
  return made;
}

const sessions = async (): Promise<number> =>
  (await world.consumer.pool.query('SELECT FROM session')).rowCount ?? 0;

interface Reply {
  readonly status: number;
  readonly to: string;
  readonly cookies: ReadonlyMap<string, string>;
  readonly lines: readonly string[];
  readonly code: string | undefined;
}

/** What a browser gets at the portal with these cookies. */
async function portal(url: string, cookies: ReadonlyMap<string, string> = new Map()): Promise<Reply> {
  const cookie = cookieOf(cookies);
  const answer = await app.inject({ url, headers: cookie === '' ? {} : { cookie } });
  const lines = [answer.headers['set-cookie'] ?? []].flat();
  const set = lines.map((line) => (line.split(';')[0] ?? '').split('=') as [string, string]);
  const code = answer.statusCode >= 400 ? answer.json<{ code: string }>().code : undefined;
  return {
    ...{ status: answer.statusCode, to: String(answer.headers.location ?? ''), lines, code },
    cookies: new Map(set.filter(([, value]) => value !== '')),
  };
}

/** A person at the provider's form, from the address that the portal sent the browser to. */
async function atProvider(to: string, person = 'li-na'): Promise<URL> {
  const jar = new Map<string, string>();
  const visit = async (url: string, body?: URLSearchParams) => {
    const cookie = cookieOf(jar);
    const answer = await fetch(new URL(url, idp.issuer), {
      ...{ redirect: 'manual', headers: { cookie }, method: body ? 'POST' : 'GET' },
      ...(body && { body }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const pair = line.split(';')[0] ?? '';
      jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    return answer.headers.get('location') ?? '';
  };
  const form = await visit(to);
  const resumed = await visit(form, new URLSearchParams({ person }));
  return new URL(await visit(resumed));
}

const cookieOf = (cookies: ReadonlyMap<string, string>): string =>
  [...cookies].map((pair) => pair.join('=')).join('; ');
const pathOf = (url: URL): string => `${url.pathname}${url.search}`;

/** The cookies of a browser that has signed in, its session among them. */
async function signedIn(returnTo = '/history'): Promise<Reply> {
  const begun = await portal(`/v1/sign-in?return_to=${encodeURIComponent(returnTo)}`);
  return await portal(pathOf(await atProvider(begun.to)), begun.cookies);
}

test('a browser signs in and comes back to where it was; no script can read its session', async () => {
  const done = await signedIn('/history?page=2');
  expect([done.status, done.to]).toEqual([303, '/history?page=2']);
  const line = done.lines.find((text) => text.startsWith(`${session}=`)) ?? '';
  for (const attribute of ['Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax']) expect(line).toContain(attribute);
  expect(line).not.toContain('Domain');
  expect(done.lines.find((text) => text.startsWith(`${flow}=;`))).toContain('Max-Age=0');
  expect((await portal('/v1/accesses', done.cookies)).status).toBe(200);
});

test('what begins at the portal asks for a code with PKCE, state and a nonce of its own', async () => {
  const [one, other] = [await portal('/v1/sign-in'), await portal('/v1/sign-in')];
  const asked = new URL(one.to).searchParams;
  expect(Object.fromEntries(asked)).toMatchObject({
    ...{ response_type: 'code', code_challenge_method: 'S256', client_id: clientId, prompt: 'login' },
    ...{ redirect_uri: `${publicUrl}${returnPath}`, scope: 'openid' },
  });
  const others = new URL(other.to).searchParams;
  for (const name of ['state', 'nonce', 'code_challenge']) expect(asked.get(name)).not.toBe(others.get(name));
  expect(one.cookies.get(flow)).not.toContain(asked.get('state') ?? 'none');
});

describe('nothing is opened', () => {
  test('by a return without a flow, of another flow, a second time, or too late', async () => {
    const begun = await portal('/v1/sign-in');
    const foreign = await portal('/v1/sign-in');
    const back = pathOf(await atProvider(begun.to));
    const before = await sessions();
    expect(await portal(back)).toMatchObject({ status: 401, code: 'token_invalid' });
    expect(await portal(back, foreign.cookies)).toMatchObject({ status: 401, code: 'token_invalid' });
    expect(await portal(back, new Map([[flow, 'A'.repeat(200)]]))).toMatchObject({ status: 401 });
    passedMs = 10 * 60_000;
    expect(await portal(back, begun.cookies)).toMatchObject({ status: 401, code: 'token_invalid' });
    passedMs = 0;
    expect(await sessions()).toBe(before);
    expect((await portal(back, begun.cookies)).status).toBe(303);
    expect(await portal(back, begun.cookies)).toMatchObject({ status: 401, code: 'token_invalid' });
    expect(await sessions()).toBe(before + 1);
  });

  test('where the person or the provider refused, or the answer was changed', async () => {
    const before = await sessions();
    const begun = await portal('/v1/sign-in');
    const back = await atProvider(begun.to);
    const state = back.searchParams.get('state') ?? '';
    const changed = [
      { error: 'access_denied', state, iss: idp.issuer },
      { code: 'invented', state, iss: idp.issuer },
      { code: back.searchParams.get('code') ?? '', state: 'other', iss: idp.issuer },
      { code: back.searchParams.get('code') ?? '', state, iss: 'http://localhost:1' },
      { state },
    ];
    for (const query of changed) {
      const answer = await portal(`${returnPath}?${new URLSearchParams(query).toString()}`, begun.cookies);
      expect(answer).toMatchObject({ status: 401, code: 'token_invalid' });
      expect(answer.cookies.size).toBe(0);
    }
    expect(await sessions()).toBe(before);
  });

  test.each([
    ...['//evil.example', '/\\evil.example', 'https://evil.example', 'history', '/a b', ''],
    ...['/%2F%2Fevil.example', '/a//evil.example', '/a?to=//evil.example', `/a?${'b'.repeat(400)}`],
  ])('with a return to %j', async (to) => {
    const answer = await portal(`/v1/sign-in?return_to=${encodeURIComponent(to)}`);
    expect(answer).toMatchObject({ status: 400, code: 'bad_request' });
    expect(answer.lines).toEqual([]);
  });

  test('while the provider is away: 503, and the next attempt finds it', async () => {
    const away = await appFor('http://localhost:1');
    const answer = await away.inject({ url: '/v1/sign-in' });
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([503, 'unavailable']);
    expect(answer.headers['set-cookie']).toBeUndefined();
    await away.close();
  });
});

describe('a page of another site', () => {
  const freeze = async (cookies: ReadonlyMap<string, string>, origin?: string) => {
    const headers = { cookie: cookieOf(cookies), ...(origin === undefined ? {} : { origin }) };
    return await app.inject({ method: 'POST', url: '/v1/freezes', headers, payload: {} });
  };
  const freezes = async (): Promise<number> =>
    (await world.consumer.pool.query('SELECT FROM subject_freeze')).rowCount ?? 0;

  test('does nothing with the cookie; our own page does', async () => {
    const { cookies } = await signedIn();
    const before = await freezes();
    for (const origin of [
      undefined,
      'null',
      'https://evil.example',
      'http://localhost:7300',
      `${publicUrl}.example`,
    ]) {
      expect((await freeze(cookies, origin)).statusCode).toBe(401);
    }
    expect(await freezes()).toBe(before);
    expect((await freeze(cookies, publicUrl)).statusCode).toBeLessThan(300);
    expect(await freezes()).toBe(before + 1);
  });
});

test('signing out ends the session at once, in every copy of its cookie', async () => {
  const { cookies } = await signedIn();
  const cookie = cookieOf(cookies);
  const signOut = async (origin: string) =>
    await app.inject({ method: 'POST', url: '/v1/sign-out', headers: { cookie, origin }, payload: {} });
  expect((await signOut('https://evil.example')).statusCode).toBe(401);
  expect((await portal('/v1/accesses', cookies)).status).toBe(200);
  const done = await signOut(publicUrl);
  expect([done.statusCode, String(done.headers['set-cookie'])]).toEqual([
    204,
    expect.stringContaining('Max-Age=0'),
  ]);
  expect(await portal('/v1/accesses', cookies)).toMatchObject({ status: 401, code: 'token_invalid' });
  expect((await signOut(publicUrl)).statusCode).toBe(401);
});

describe('an act that a session is not enough for', () => {
  const stepUp = async (cookies: ReadonlyMap<string, string>, act: object, origin = publicUrl) => {
    const headers = { origin, ...(cookies.size === 0 ? {} : { cookie: cookieOf(cookies) }) };
    const payload = { for: act, return_to: '/permissions' };
    const answer = await app.inject({ method: 'POST', url: '/v1/step-ups', headers, payload });
    const line = [answer.headers['set-cookie'] ?? []].flat()[0]?.split(';')[0] ?? '';
    const [name = '', value = ''] = line.split('=');
    return { answer, flow: new Map(line === '' ? [] : [[name, value]]) };
  };
  const request = async () => {
    const consumer = { ...world.consumer, clock };
    const { form_digest, id } = await ask(consumer, await refOf(persons.lina));
    return { act: 'approve', request: id, form_digest };
  };
  const consents = async (): Promise<number> =>
    (await world.consumer.pool.query('SELECT FROM consent')).rowCount ?? 0;

  test('is done when the person has signed in for it, once', async () => {
    const { cookies } = await signedIn();
    const before = await consents();
    const { answer, flow: kept } = await stepUp(cookies, await request());
    expect(answer.statusCode).toBe(201);
    const back = pathOf(await atProvider(answer.json<{ to: string }>().to));
    expect(await consents()).toBe(before);
    const done = await portal(back, kept);
    expect([done.status, done.to, done.cookies.size]).toEqual([303, '/permissions', 0]);
    expect(await consents()).toBe(before + 1);
    expect((await portal(back, kept)).status).toBe(401);
    expect(await consents()).toBe(before + 1);
  });

  test('lifts a freeze', async () => {
    const { cookies } = await signedIn();
    const headers = { cookie: cookieOf(cookies), origin: publicUrl };
    const placed = await app.inject({ method: 'POST', url: '/v1/freezes', headers, payload: {} });
    const { id: freeze } = placed.json<{ id: string }>();
    const { answer, flow: kept } = await stepUp(cookies, { act: 'thaw', freeze });
    const standing = async () =>
      (await app.inject({ url: '/v1/freezes', headers })).json<{ items: { id: string; status: string }[] }>()
        .items;
    expect(await standing()).toContainEqual(expect.objectContaining({ id: freeze, status: 'frozen' }));
    await portal(pathOf(await atProvider(answer.json<{ to: string }>().to)), kept);
    expect(await standing()).toContainEqual(expect.objectContaining({ id: freeze, status: 'lifted' }));
  });

  test('S42 is not done by somebody else, for another form, or from a page of another site', async () => {
    const { cookies } = await signedIn();
    const asked = await request();
    const before = await consents();
    const { answer, flow: kept } = await stepUp(cookies, asked);
    const other = pathOf(await atProvider(answer.json<{ to: string }>().to, 'wang'));
    expect(await portal(other, kept)).toMatchObject({ status: 404, code: 'not_found' });
    const changed = { ...asked, form_digest: `sha-256:${'A'.repeat(43)}` };
    const { answer: begun, flow: forged } = await stepUp(cookies, changed);
    const back = pathOf(await atProvider(begun.json<{ to: string }>().to));
    expect(await portal(back, forged)).toMatchObject({ status: 401, code: 'token_invalid' });
    expect((await stepUp(cookies, asked, 'https://evil.example')).answer.statusCode).toBe(401);
    expect((await stepUp(new Map(), asked)).answer.statusCode).toBe(401);
    expect((await stepUp(cookies, { ...asked, act: 'revoke' })).answer.statusCode).toBe(400);
    expect(await consents()).toBe(before);
  });
});
