import { seconds } from '@causeway/kernel';
import { systemClock } from '@causeway/kernel/system';
import { generateKey, kidOf } from '@causeway/protocol/keys';
import { freePort } from '@causeway/sandbox/ports';
import { type TestDatabase, testDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Applicant, makeApplicant } from '../test-kit/applicant.ts';
import { act, admit } from '../test-kit/calls.ts';
import { compactJws } from '../test-kit/jws.ts';
import { actPayload, publicPart, signAct } from '../test-kit/officers.ts';
import { type RunningAuthority, startAuthority } from '../test-kit/running-authority.ts';
import { type TokenRequest, askToken, assertionOf, proofOf } from '../test-kit/token-client.ts';
import { rowsWritten } from '../test-kit/written.ts';

let database: TestDatabase;
let authority: RunningAuthority;
let lender: Applicant;
let other: Applicant;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'authority' });
  authority = await startAuthority({ databaseUrl: database.url, port: await freePort() });
  lender = makeApplicant(authority.fed, 'abc-bank', 'lender');
  other = makeApplicant(authority.fed, 'evergreen', 'lender');
  for (const applicant of [lender, other]) await admit(authority, applicant);
});

afterAll(async () => {
  await authority.stop();
  await database.drop();
});

const now = () => seconds(systemClock);

/** A good request of the lender, with changes. */
function asked(change: Partial<TokenRequest> = {}): TokenRequest {
  const resource = `urn:causeway:${authority.fed}:authority`;
  return {
    url: authority.url,
    member: 'abc-bank',
    auth: lender.auth,
    scope: 'refs.derive',
    resource,
    ...change,
  };
}

const good = async (): Promise<string> => {
  const { status, body } = await askToken(asked());
  return status === 200 && body['token_type'] === 'DPoP' ? 'a good one works' : 'nothing works';
};

/**
 * Status and error of an answer, whether anything is remembered of it, and whether a good request works then.
 */
async function outcome(change: Partial<TokenRequest>): Promise<[number, unknown, string, string]> {
  const before = JSON.stringify(await rowsWritten(database.ownerUrl));
  const { status, body } = await askToken(asked(change));
  const same = JSON.stringify(await rowsWritten(database.ownerUrl)) === before;
  const nothing = same && body['access_token'] === undefined;
  return [status, body['error'], nothing ? 'nothing written' : 'written', await good()];
}

describe('client assertions', () => {
  test('S19 refuses a request without an assertion', async () => {
    expect(await outcome({ assertion: null })).toEqual([
      400,
      'invalid_request',
      'nothing written',
      'a good one works',
    ]);
  });

  test.each<[string, Record<string, unknown>]>([
    ['that has expired', { iat: now() - 120, exp: now() - 60 }],
    ['without exp', { exp: undefined }],
    ['that lives too long', { exp: now() + 3600 }],
    ['without sub', { sub: undefined }],
    ['without iss', { iss: undefined }],
    ['without aud', { aud: undefined }],
    ['without jti', { jti: undefined }],
    ['with a jti of 1 kB', { jti: 'x'.repeat(1024) }],
    ['by another issuer', { iss: 'evergreen' }],
    ['whose nbf is more than 60 s ahead', { nbf: now() + 61 }],
    ['whose iat is more than 60 s ahead', { iat: now() + 61, exp: now() + 120 }],
    ['for somebody else', { aud: 'https://elsewhere.example/oauth' }],
  ])('S19 refuses a client assertion %s', async (_what, claims) => {
    expect(await outcome({ claims })).toEqual([401, 'invalid_client', 'nothing written', 'a good one works']);
  });

  test('S19 refuses an assertion whose audience is the endpoint or a list', async () => {
    const { url } = authority;
    for (const aud of [`${url}/oauth/token`, [`${url}/oauth`], [`${url}/oauth`, 'x'], url]) {
      expect(await outcome({ claims: { aud } })).toEqual([
        401,
        'invalid_client',
        'nothing written',
        'a good one works',
      ]);
    }
  });

  test('S19 takes an assertion whose nbf is 8 s ahead', async () => {
    const { status } = await askToken(asked({ claims: { nbf: now() + 8 } }));
    expect(status).toBe(200);
  });

  test.each([
    { alg: 'RS256' },
    { alg: 'none' },
    { alg: 'HS256' },
    { jwk: { kty: 'OKP' } },
    { jku: 'https://evil.example/' },
  ])('S19 refuses an assertion with the header %o', async (header) => {
    expect(await outcome({ header })).toEqual([401, 'invalid_client', 'nothing written', 'a good one works']);
  });

  test("S19 refuses an assertion by another's key, a statement key or an unknown client", async () => {
    expect(await outcome({ auth: other.auth })).toEqual([
      401,
      'invalid_client',
      'nothing written',
      'a good one works',
    ]);
    expect(await outcome({ auth: lender.statement })).toEqual([
      401,
      'invalid_client',
      'nothing written',
      'a good one works',
    ]);
    expect(await outcome({ member: 'nobody' })).toEqual([
      401,
      'invalid_client',
      'nothing written',
      'a good one works',
    ]);
  });

  test('S19 refuses an assertion that was used', async () => {
    const assertion = assertionOf(asked());
    expect((await askToken(asked({ assertion }))).status).toBe(200);
    const again = await askToken(asked({ assertion }));
    expect([again.status, again.body['error']]).toEqual([401, 'invalid_client']);
    expect(await good()).toBe('a good one works');
  });

  test('S27 fifty copies of one assertion at once give one token', async () => {
    const assertion = assertionOf(asked());
    const answers = await Promise.all(Array.from({ length: 50 }, () => askToken(asked({ assertion }))));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(49);
    expect(await good()).toBe('a good one works');
  });

  test('S27 fifty copies of one DPoP proof at once give one token', async () => {
    const proof = proofOf(generateKey(), 'POST', `${authority.url}/oauth/token`);
    const answers = await Promise.all(Array.from({ length: 50 }, () => askToken(asked({ proof }))));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await good()).toBe('a good one works');
  });
});

describe('what a token is for', () => {
  test('a token is bound to its key, to one service, and lives ten minutes', async () => {
    const { body } = await askToken(asked());
    const [header, claims] = String(body['access_token'])
      .split('.')
      .map((text) => Buffer.from(text, 'base64url').toString());
    expect(JSON.parse(header ?? '')).toMatchObject({ typ: 'at+jwt', alg: 'EdDSA' });
    const said = JSON.parse(claims ?? '') as Record<string, number>;
    expect(said).toMatchObject({
      iss: `${authority.url}/oauth`,
      aud: `urn:causeway:${authority.fed}:authority`,
      client_id: 'abc-bank',
      sub: 'abc-bank',
      scope: 'refs.derive',
    });
    expect(said['cnf']).toHaveProperty('jkt');
    expect((said['exp'] ?? 0) - (said['iat'] ?? 0)).toBe(600);
  });

  test.each<[string, Partial<TokenRequest>, string]>([
    ['without a proof of possession', { proof: null }, 'invalid_grant'],
    [
      'with a proof for another URL',
      { proof: proofOf(generateKey(), 'POST', 'http://localhost/oauth/token') },
      'invalid_dpop_proof',
    ],
    ['for a member that does not exist', { resource: 'urn:causeway:test-fed:nobody' }, 'invalid_target'],
    ['for another federation', { resource: 'urn:causeway:prod:authority' }, 'invalid_target'],
    ['for a URL', { resource: 'https://broker.example/' }, 'invalid_target'],
    ['with a scope that nobody has', { scope: 'admin' }, 'invalid_scope'],
    ['with a scope of another kind of service', { scope: 'inquiry.read' }, 'invalid_scope'],
    ['with one scope too many', { scope: 'refs.derive inquiry.read' }, 'invalid_scope'],
    ['without a scope', { scope: '' }, 'invalid_scope'],
    ['with a scope of another role', { scope: 'records.publish' }, 'invalid_scope'],
  ])('no token is issued %s', async (_what, change, error) => {
    const refused = await askToken(asked(change));
    expect([refused.status, refused.body['error']]).toEqual([400, error]);
    expect(refused.body['access_token']).toBeUndefined();
    expect(await good()).toBe('a good one works');
  });

  test('no other grant, endpoint or registration is offered', async () => {
    for (const path of [
      'auth',
      'reg',
      'request',
      'token/introspection',
      'me',
      'session/end',
      'device/auth',
    ]) {
      const response = await fetch(`${authority.url}/oauth/${path}`);
      expect([path, response.status]).toEqual([path, 404]);
    }
  });
});

test('a suspended member gets no token, and gets one again when reinstated', async () => {
  const { fed, officers } = authority;
  await act(
    authority,
    'abc-bank',
    signAct(actPayload(fed, { act: 'suspend', member: 'abc-bank' }), officers.keys),
  );
  const refused = await askToken(asked());
  expect([refused.status, refused.body['error']]).toEqual([401, 'invalid_client']);
  await act(
    authority,
    'abc-bank',
    signAct(actPayload(fed, { act: 'reinstate', member: 'abc-bank' }), officers.keys),
  );
  expect(await good()).toBe('a good one works');
});

test('a revoked client key gets no token at once; a new one that officers added does', async () => {
  const { fed, officers } = authority;
  const kid = kidOf('evergreen', publicPart(other.auth));
  const mine = { member: 'evergreen', auth: other.auth };
  expect((await askToken(asked(mine))).status).toBe(200);
  await act(
    authority,
    'evergreen',
    signAct(actPayload(fed, { act: 'revoke_key', member: 'evergreen', kid }), officers.keys),
  );
  expect((await askToken(asked(mine))).status).toBe(401);

  const next = generateKey();
  const payload = actPayload(fed, {
    act: 'add_key',
    member: 'evergreen',
    jwk: publicPart(next),
    use: ['client-auth'],
  });
  const claims = { fed, member: 'evergreen', jti: payload['jti'], iat: now() };
  const proof = compactJws(next, { typ: 'causeway-key+jws', alg: 'Ed25519' }, claims);
  const added = await act(authority, 'evergreen', signAct(payload, officers.keys), proof);
  expect(added.status).toBe(200);
  expect((await askToken(asked({ ...mine, auth: next }))).status).toBe(200);
});
