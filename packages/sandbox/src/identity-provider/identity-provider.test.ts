import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { idTokenFor } from './id-token.ts';
import { startIdentityProvider, type IdentityProvider } from './index.ts';

const lina = { scheme: 'gb11643', value: '990000199001010028' };
const mill = { scheme: 'gb32100', value: '91990000MA0000001X' };
const clientId = 'portal';
let idp: IdentityProvider;

beforeAll(async () => {
  const persons = [
    { id: 'li-na', identity: lina, represents: [mill] },
    { id: 'wu', identity: { ...lina, value: '2' } },
  ];
  idp = await startIdentityProvider({ port: 0, clientId, clientSecret: 'quiet', persons });
});
afterAll(() => idp.stop());

const token = (choice: object) =>
  idTokenFor({ issuer: idp.issuer, clientId, clientSecret: 'quiet', person: 'li-na', nonce: 'n', ...choice });

async function claims(jwt: string) {
  const discovery = await (await fetch(new URL('/.well-known/openid-configuration', idp.issuer))).json();
  const keys = createRemoteJWKSet(new URL(String((discovery as { jwks_uri: string }).jwks_uri)));
  const { payload } = await jwtVerify(jwt, keys, {
    issuer: idp.issuer,
    audience: clientId,
    algorithms: ['ES256'],
  });
  return payload;
}

test('a person signs in by id and the token carries the identity and the nonce', async () => {
  const payload = await claims(await token({ nonce: 'approve:1:d' }));
  expect(payload).toMatchObject({ identity: lina, nonce: 'approve:1:d', sub: `gb11643:${lina.value}` });
  expect(payload).not.toHaveProperty('role');
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
});

test('a legal representative signs in for the enterprise', async () => {
  const payload = await claims(await token({ person: lina, enterprise: mill }));
  expect(payload).toMatchObject({ identity: lina, role: 'legal_representative', enterprise: mill });
});

test('refused: an unknown person, an enterprise of others, no nonce, a wrong secret', async () => {
  await expect(token({ person: 'nobody' })).rejects.toThrow('no such person');
  await expect(token({ person: { ...lina, value: '9' } })).rejects.toThrow('no such person');
  await expect(token({ person: 'wu', enterprise: mill })).rejects.toThrow('legal representative');
  await expect(token({ nonce: '' })).rejects.toThrow('nonce');
  await expect(token({ clientSecret: 'loud' })).rejects.toThrow('refused');
});

test('a provider that has ended is unavailable, and it is said what starts it', async () => {
  const ended = await startIdentityProvider({ port: 0, clientId, clientSecret: 'quiet', persons: [] });
  await ended.stop();
  const asked = token({ issuer: ended.issuer });
  await expect(asked).rejects.toMatchObject({ code: 'unavailable' });
  await expect(asked).rejects.toThrow('"causeway up" starts the federation');
});

const callback = 'http://localhost:9/return';
const pkce = { code_challenge_method: 'S256', code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM' };
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

/** A browser of one site: keeps cookies, follows no redirect. */
function browser() {
  const jar = new Map<string, string>();
  return async (path: string, form?: Record<string, string>) => {
    const cookie = [...jar].map((pair) => pair.join('=')).join('; ');
    const body = form && new URLSearchParams(form);
    const answer = await fetch(new URL(path, forBrowsers.issuer), {
      ...{ redirect: 'manual', headers: { cookie }, method: body ? 'POST' : 'GET' },
      ...(body && { body }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    return { status: answer.status, to: answer.headers.get('location') ?? '', text: await answer.text() };
  };
}

let forBrowsers: IdentityProvider;
beforeAll(async () => {
  const wu = { id: 'wu', name: '吴<异>', story: 'x', choice: { person: 'wu' } };
  const firm = { id: 'mill', name: 'mill', story: '', choice: { person: 'li-na', enterprise: mill } };
  const persons = [
    { id: 'li-na', identity: lina, represents: [mill] },
    { id: 'wu', identity: { ...lina, value: '2' } },
  ];
  forBrowsers = await startIdentityProvider({
    ...{ port: 0, clientId, persons, suggestions: [wu, firm], redirectUris: [callback] },
  });
});
afterAll(() => forBrowsers.stop());

const authorize = (changes: Record<string, string> = {}) =>
  `/auth?${new URLSearchParams({
    ...{ client_id: clientId, redirect_uri: callback, response_type: 'code', scope: 'openid', state: 's' },
    ...{ nonce: 'session:1', prompt: 'login', ...pkce },
    ...changes,
  }).toString()}`;

async function signInWith(form: Record<string, string>) {
  const visit = browser();
  const { to: signIn } = await visit(authorize());
  const page = await visit(signIn);
  const chosen = await visit(signIn, form);
  return { visit, page, chosen, signIn };
}

async function redeemed(code: string) {
  const body = new URLSearchParams({
    ...{ grant_type: 'authorization_code', client_id: clientId, redirect_uri: callback },
    ...{ code, code_verifier: verifier },
  });
  return (await (await fetch(new URL('/token', forBrowsers.issuer), { method: 'POST', body })).json()) as {
    id_token?: string;
    error?: string;
  };
}

test('a browser signs in by the form, by name or by number, and its code is good once', async () => {
  const forms = [
    { person: 'wu' },
    { person: 'mill' },
    { number: lina.value },
    { number: lina.value, enterprise: mill.value },
  ];
  const identities = [];
  for (const form of forms) {
    const { chosen, page, visit } = await signInWith(form);
    expect(page.text).toContain('吴&#60;异&#62;');
    const back = new URL((await visit(chosen.to)).to);
    expect(`${back.origin}${back.pathname}`).toBe(callback);
    expect(back.searchParams.get('state')).toBe('s');
    const code = back.searchParams.get('code') ?? '';
    const { id_token } = await redeemed(code);
    identities.push(decodeJwt(id_token ?? ''));
    expect(await redeemed(code)).toMatchObject({ error: 'invalid_grant' });
  }
  expect(identities).toMatchObject([
    { identity: { value: '2' }, nonce: 'session:1', aud: clientId },
    { identity: lina, enterprise: mill, role: 'legal_representative' },
    { identity: lina },
    { identity: lina, enterprise: mill },
  ]);
});

test('refused at the form: nobody, somebody else’s enterprise, another browser', async () => {
  for (const form of [{ person: 'nobody' }, { number: '9' }, { number: '2', enterprise: mill.value }, {}]) {
    const { chosen } = await signInWith(form);
    expect([chosen.status, chosen.to]).toEqual([422, '']);
    expect(chosen.text).toContain('role="alert"');
  }
  const { signIn } = await signInWith({ person: 'nobody' });
  expect((await browser()(signIn)).status).toBe(404);
});

test('refused before the form: another place to return to, no PKCE', async () => {
  const elsewhere = await browser()(authorize({ redirect_uri: 'http://localhost:9/elsewhere' }));
  expect([elsewhere.status, elsewhere.to]).toEqual([400, '']);
  const plain = await browser()(authorize({ code_challenge: '', code_challenge_method: '' }));
  expect(new URL(plain.to).searchParams.get('error')).toBe('invalid_request');
});
