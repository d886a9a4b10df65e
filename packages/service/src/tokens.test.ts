import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import type { KeyEntry, MemberEntry } from '@causeway/protocol';
import { checkPublicKey, kidOf } from '@causeway/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { App } from './app.ts';
import { handClock, quietLog, systemRandom } from './shell.fixture.ts';
import { createMetrics } from './metrics.ts';
import { publicApp } from './public-app.ts';
import { memberTokens } from './tokens.ts';

const clock = handClock();
const publicUrl = 'http://localhost:7300';
const issuer = 'http://localhost:7100/oauth';
const audience = 'urn:causeway:sandbox:broker';
const iat = Math.floor(clock.now() / 1000);

const authorityKey = generateKeyPairSync('ed25519');
const memberKey = generateKeyPairSync('ed25519');
const otherKey = generateKeyPairSync('ed25519');
const jwkOf = (key: KeyObject) => checkPublicKey(key.export({ format: 'jwk' }));
const kid = kidOf('authority', jwkOf(authorityKey.publicKey));
const hash = (text: string): string => createHash('sha256').update(text).digest('base64url');
const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function jws(header: object, claims: object | string, key: KeyObject): string {
  const payload = typeof claims === 'string' ? Buffer.from(claims).toString('base64url') : b64(claims);
  const input = `${b64(header)}.${payload}`;
  return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`;
}

function thumbprint(key: KeyObject): string {
  const { crv, kty, x } = jwkOf(key);
  return hash(JSON.stringify({ crv, kty, x }));
}

const goodHeader = { typ: 'at+jwt', alg: 'EdDSA', kid };
const goodClaims = {
  iss: issuer,
  aud: audience,
  sub: 'abc-bank',
  client_id: 'abc-bank',
  scope: 'inquiry.read consent.request',
  jti: 't-1',
  iat,
  exp: iat + 600,
  cnf: { jkt: thumbprint(memberKey.publicKey) },
};
const token = (claims: object = {}, header: object = {}, key = authorityKey.privateKey): string =>
  jws({ ...goodHeader, ...header }, { ...goodClaims, ...claims }, key);

let proofs = 0;
function proof(accessToken: string, claims: object = {}, pair = memberKey): string {
  proofs += 1;
  const header = { typ: 'dpop+jwt', alg: 'EdDSA', jwk: jwkOf(pair.publicKey) };
  const base = { jti: `p-${proofs}`, htm: 'GET', htu: `${publicUrl}/mine`, iat, ath: hash(accessToken) };
  return jws(header, { ...base, ...claims }, pair.privateKey);
}

const member = (id: string, status: 'active' | 'suspended'): MemberEntry => ({
  v: 1,
  id,
  legal_name: id,
  roles: ['lender'],
  class: 'A',
  jurisdiction: 'CN',
  status,
  keys: [],
  endpoints: {},
  certificates: [],
});
const members = new Map<string, MemberEntry>();
let keyEntry: KeyEntry;
const seen = new Set<string>();
let app: App;
let served = 0;

beforeEach(() => {
  members.set('abc-bank', member('abc-bank', 'active'));
  keyEntry = {
    member: 'authority',
    jwk: jwkOf(authorityKey.publicKey),
    use: ['access-token'],
    from: 0,
    member_status: 'active',
  };
});
beforeAll(async () => {
  app = await publicApp({
    name: 't',
    title: 'T',
    log: quietLog,
    clock,
    random: systemRandom,
    metrics: createMetrics(),
  });
  await memberTokens(app, {
    issuer,
    audience,
    authority: 'authority',
    directory: () => ({ keys: (id) => (id === kid ? keyEntry : undefined), member: (id) => members.get(id) }),
    clock,
    replay: {
      once: async (key) => {
        const first = !seen.has(key);
        seen.add(key);
        return first;
      },
      purge: async () => undefined,
    },
    publicUrl,
  });
  app.get('/mine', { onRequest: app.requireToken('inquiry.read') }, async (request) => {
    served += 1;
    return request.caller;
  });
  app.get('/maybe', async (request) => ({ caller: (await request.optionalCaller('inquiry.read')) ?? null }));
});
afterAll(async () => await app.close());

type Headers = Record<string, string | string[]>;
const get = async (headers: Headers, url = '/mine') => await app.inject({ method: 'GET', url, headers });
const present = async (accessToken: string) =>
  await get({ authorization: `DPoP ${accessToken}`, dpop: proof(accessToken) });

/** The refusal: nothing was served, quickly, and the very next good presentation works. */
async function refusal(headers: Headers): Promise<[number, string]> {
  const before = served;
  const start = performance.now();
  const answer = await get(headers);
  expect(performance.now() - start).toBeLessThan(50);
  expect(answer.headers['www-authenticate'] ?? 'DPoP').toMatch(/^DPoP/u);
  expect(served).toBe(before);
  members.set('abc-bank', member('abc-bank', 'active'));
  expect((await present(token())).statusCode).toBe(200);
  return [answer.statusCode, answer.json<{ code: string }>().code];
}

test('S20 a bound token with a fresh proof names its member and scopes', async () => {
  const answer = await present(token());
  expect(answer.json()).toEqual({ member: 'abc-bank', scopes: ['inquiry.read', 'consent.request'] });
});

test('a kid without the member before it is the authority’s too', async () => {
  const bare = token({}, { kid: kid.slice('authority:'.length) });
  expect((await present(bare)).statusCode).toBe(200);
});

describe('S20 the proof at the resource', () => {
  const good = token();

  test('none', async () =>
    expect(await refusal({ authorization: `DPoP ${good}` })).toEqual([401, 'dpop_invalid']));

  test('two headers, each good', async () =>
    expect(await refusal({ authorization: `DPoP ${good}`, dpop: [proof(good), proof(good)] })).toEqual([
      401,
      'dpop_invalid',
    ]));

  test('used twice', async () => {
    const once = proof(good);
    expect((await get({ authorization: `DPoP ${good}`, dpop: once })).statusCode).toBe(200);
    expect(await refusal({ authorization: `DPoP ${good}`, dpop: once })).toEqual([401, 'dpop_invalid']);
  });

  test('a refused proof does not spend its jti', async () => {
    const claims = { jti: 'kept' };
    expect(
      await refusal({
        authorization: `DPoP ${good}`,
        dpop: proof(good, { ...claims, htm: 'POST' }),
      }),
    ).toEqual([401, 'dpop_invalid']);
    expect((await get({ authorization: `DPoP ${good}`, dpop: proof(good, claims) })).statusCode).toBe(200);
  });

  test('for another host that the request claims to be', async () => {
    const dpop = proof(good, { htu: 'http://evil.example/mine' });
    expect(await refusal({ authorization: `DPoP ${good}`, dpop, host: 'evil.example' })).toEqual([
      401,
      'dpop_invalid',
    ]);
  });

  test('sent as Bearer, with and without a proof', async () => {
    expect(await refusal({ authorization: `Bearer ${good}`, dpop: proof(good) })).toEqual([
      401,
      'token_invalid',
    ]);
    expect(await refusal({ authorization: `Bearer ${good}` })).toEqual([401, 'token_invalid']);
  });

  test('no token', async () => {
    expect(await refusal({})).toEqual([401, 'token_missing']);
    expect(await refusal({ dpop: proof(good) })).toEqual([401, 'token_missing']);
  });
});

describe('S21 bound to a key', () => {
  test('another member key: refused, whatever headers claim a certificate', async () => {
    const good = token();
    expect(
      await refusal({
        authorization: `DPoP ${good}`,
        dpop: proof(good, {}, otherKey),
        'client-cert': 'x',
        'x-ssl-client-verify': 'SUCCESS',
      }),
    ).toEqual([401, 'dpop_invalid']);
  });

  test('a token without a binding, or bound to something else', async () => {
    for (const cnf of [undefined, {}, { 'x5t#S256': 'a' }, { jkt: 7 }, 'jkt']) {
      const unbound = token({ cnf });
      expect(await refusal({ authorization: `DPoP ${unbound}`, dpop: proof(unbound) })).toEqual([
        401,
        'token_invalid',
      ]);
    }
  });
});

describe('S22 audience, type and issuer', () => {
  test.each([
    ['another service', { aud: 'urn:causeway:sandbox:consumer' }],
    ['another federation', { aud: 'urn:causeway:other:broker' }],
    ['a list of audiences', { aud: [audience, 'x'] }],
    ['no audience', { aud: undefined }],
    ['another issuer', { iss: 'http://localhost:7101/oauth' }],
    ['a subject that is not the client', { sub: 'evergreen' }],
    ['no jti', { jti: undefined }],
  ])('a token of %s', async (_what, claims) => {
    const wrong = token(claims);
    expect(await refusal({ authorization: `DPoP ${wrong}`, dpop: proof(wrong) })).toEqual([
      401,
      'token_invalid',
    ]);
  });

  test.each(['JWT', 'id_token+jwt', 'causeway-consent+jws', 'causeway-status+jws', 'AT+JWT', undefined])(
    'typ %s',
    async (typ) => {
      const wrong = token({}, { typ });
      expect(await refusal({ authorization: `DPoP ${wrong}`, dpop: proof(wrong) })).toEqual([
        401,
        'token_invalid',
      ]);
    },
  );

  test.each([
    ['expired', { iat: iat - 700, exp: iat - 100 }],
    ['exactly at its exp', { iat: iat - 600, exp: iat }],
    ['S24 alive for more than ten minutes', { exp: iat + 601 }],
    ['from the future', { iat: iat + 60, exp: iat + 600 }],
    ['not yet valid', { nbf: iat + 60 }],
    ['without exp', { exp: undefined }],
    ['with exp as text', { exp: String(iat + 600) }],
  ])('%s', async (_what, claims) => {
    const wrong = token(claims);
    expect(await refusal({ authorization: `DPoP ${wrong}`, dpop: proof(wrong) })).toEqual([
      401,
      'token_invalid',
    ]);
  });

  test('a scope that the token does not have is 403', async () => {
    for (const scope of ['consent.request', undefined, 'inquiry.reader', '']) {
      const narrow = token({ scope });
      const headers = { authorization: `DPoP ${narrow}`, dpop: proof(narrow) };
      expect(await refusal(headers)).toEqual([403, 'scope_insufficient']);
    }
  });
});

describe('S23 the parser', () => {
  const none = `${b64({ ...goodHeader, alg: 'none' })}.${b64(goodClaims)}.`;
  test.each([
    ['jku', token({}, { jku: 'http://127.0.0.1:9/k' })],
    ['x5u', token({}, { x5u: 'http://127.0.0.1:9/c' })],
    ['an embedded jwk', token({}, { jwk: jwkOf(otherKey.publicKey) }, otherKey.privateKey)],
    ['an unknown crit', token({}, { crit: ['exp'], exp: 1 })],
    ['b64 false', token({}, { b64: false, crit: ['b64'] })],
    ['a kid with a path', token({}, { kid: '../../dev/null' })],
    ['a kid with SQL', token({}, { kid: "x' OR 1=1 --" })],
    ['a kid that is an object', token({}, { kid: { a: 1 } })],
    ['alg none', none],
    ['alg HS256', token({}, { alg: 'HS256' })],
    ['alg RS256', token({}, { alg: 'RS256' })],
    [
      'a duplicate claim',
      jws(goodHeader, JSON.stringify(goodClaims).replace('{', '{"aud":"x",'), authorityKey.privateKey),
    ],
    ['a payload that is a list', jws(goodHeader, '[]', authorityKey.privateKey)],
    ['a signature by another key', token({}, {}, otherKey.privateKey)],
    ['a cut signature', token().slice(0, -2)],
    ['a stretched signature', `${token()}AA`],
    ['two tokens', `${token()} ${token()}`],
    ['nothing', ''],
    ['ten kilobytes', 'a.b.'.padEnd(10_000, 'c')],
  ])('%s', async (_what, wrong) => {
    expect(await refusal({ authorization: `DPoP ${wrong}`, dpop: proof(wrong) })).toEqual([
      401,
      'token_invalid',
    ]);
  });

  test('a token longer than all headers may be is refused as well', async () => {
    expect((await get({ authorization: `DPoP ${'x'.repeat(1_000_000)}` })).statusCode).toBe(401);
  });
});

describe('the directory decides', () => {
  test.each([
    ['revoked', { revoked_at: iat }],
    ['not yet valid', { from: iat + 60 }],
    ['of another use', { use: ['inquiry'] }],
    ['of another member', { member: 'abc-bank' }],
    ['of a suspended authority', { member_status: 'suspended' as const }],
  ])('a signing key that is %s', async (_what, change) => {
    const good = { ...keyEntry };
    keyEntry = { ...good, ...change };
    expect((await present(token())).json<{ code: string }>().code).toBe('token_invalid');
    keyEntry = good;
    expect((await present(token())).statusCode).toBe(200);
  });

  test('S31 a suspended or unknown member is refused with a token that is still good', async () => {
    members.set('abc-bank', member('abc-bank', 'suspended'));
    const good = token();
    expect(await refusal({ authorization: `DPoP ${good}`, dpop: proof(good) })).toEqual([
      403,
      'member_suspended',
    ]);
    members.delete('abc-bank');
    expect(await refusal({ authorization: `DPoP ${good}`, dpop: proof(good) })).toEqual([
      401,
      'member_unknown',
    ]);
  });
});

test('a route that may be called with or without a token refuses a bad one', async () => {
  expect((await get({}, '/maybe')).json()).toEqual({ caller: null });
  const good = token();
  const dpop = proof(good, { htu: `${publicUrl}/maybe` });
  const answer = await get({ authorization: `DPoP ${good}`, dpop }, '/maybe');
  expect(answer.json()).toMatchObject({ caller: { member: 'abc-bank' } });
  expect((await get({ authorization: 'DPoP x.y.z', dpop: 'x' }, '/maybe')).statusCode).toBe(401);
  expect((await get({ dpop: proof(good) }, '/maybe')).statusCode).toBe(401);
});
