import { thumbprint } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { publicHalf } from './applicant.ts';
import {
  READING,
  type Spoilt,
  askToken,
  assertionOf,
  byKey,
  byNobody,
  byPublicKeyAsSecret,
  byRsa,
  now,
} from './forged-tokens.ts';
import { queryDatabase } from './rows.ts';
import { refusedWriting } from './untouched.ts';

let federation: Federation;
beforeAll(async () => {
  federation = await startTestFederation();
});
afterAll(() => stopTestFederation(federation));

const MEMBER = 'abc-bank';
const INVALID = '401 invalid_client';

const good = async (): Promise<string> => {
  const assertion = assertionOf(federation, MEMBER);
  const { status, body } = await askToken(federation, READING, { assertion });
  return `${status} ${String(body['token_type'])}`;
};

/** Every assertion that the authority remembers as used. */
async function remembered(): Promise<number> {
  const [row] = await queryDatabase<{ n: string }>(
    federation,
    'authority',
    "SELECT count(*) AS n FROM replay_seen WHERE key LIKE 'oauth:%'",
  );
  return Number(row?.n);
}

/** Presented once: how it is refused; nothing was written or remembered, and the next good one works. */
async function refusal(assertion: string | undefined): Promise<string> {
  const before = await remembered();
  const { status, body } = await refusedWriting(federation, { authority: {} }, () =>
    askToken(federation, READING, { assertion }),
  );
  expect(body).not.toHaveProperty('access_token');
  expect(await remembered()).toBe(before);
  expect(await good()).toBe('200 DPoP');
  return `${status} ${String(body['error'])}`;
}

test('S19 without a client assertion there is no token', async () => {
  expect(await refusal(undefined)).toBe('400 invalid_request');
});

test.each(['', 'x', 'a.b.c', 'e30.e30.'])('S19 "%s" is no client assertion', async (text) => {
  expect(await refusal(text)).toMatch(/^40[01] invalid_(client|request)$/);
});

describe('claims of the assertion', () => {
  const iat = now();
  test.each<[string, () => Record<string, unknown>]>([
    ['has expired', () => ({ iat: now() - 120, exp: now() - 60 })],
    ['expired 11 s ago', () => ({ iat: now() - 60, exp: now() - 11 })],
    ['has no exp', () => ({ exp: undefined })],
    ['has an exp as text', () => ({ exp: String(iat + 30) })],
    ['lives for an hour', () => ({ exp: now() + 3600 })],
    ['has no sub', () => ({ sub: undefined })],
    ['has another sub', () => ({ sub: 'evergreen' })],
    ['has no iss', () => ({ iss: undefined })],
    ['has another iss', () => ({ iss: 'evergreen' })],
    ['has no jti', () => ({ jti: undefined })],
    ['has no aud', () => ({ aud: undefined })],
    ['is for somebody else', () => ({ aud: 'https://elsewhere.example/oauth' })],
    ['has an nbf 61 s ahead', () => ({ nbf: now() + 61 })],
    ['has an iat 61 s ahead', () => ({ iat: now() + 61, exp: now() + 90 })],
  ])('S19 an assertion that %s is refused', async (_what, claims) => {
    expect(await refusal(assertionOf(federation, MEMBER, { claims: claims() }))).toBe(INVALID);
  });

  test('S19 an audience that is an endpoint, the bare authority or a list is refused', async () => {
    const base = federation.url('authority');
    for (const aud of [
      `${base}/oauth/token`,
      base,
      `${base}/oauth/`,
      [`${base}/oauth`],
      [`${base}/oauth`, 'x'],
    ]) {
      expect([aud, await refusal(assertionOf(federation, MEMBER, { claims: { aud } }))]).toEqual([
        aud,
        INVALID,
      ]);
    }
  });

  test('S19 an nbf or iat 8 s ahead is accepted: clocks differ', async () => {
    const ahead = now() + 8;
    for (const claims of [{ nbf: ahead }, { iat: ahead, exp: ahead + 30 }]) {
      const { status } = await askToken(federation, READING, {
        assertion: assertionOf(federation, MEMBER, { claims }),
      });
      expect(status).toBe(200);
    }
  });
});

describe('signature of the assertion', () => {
  const auth = (member: string) => federation.keys(member).auth;
  const kid = (member: string) => thumbprint(publicHalf(auth(member)));

  test.each<[string, () => Spoilt]>([
    ['RS256', () => ({ header: { alg: 'RS256' }, signer: byRsa })],
    ['none', () => ({ header: { alg: 'none' }, signer: byNobody })],
    [
      'HS256 by the public key',
      () => ({ header: { alg: 'HS256' }, signer: byPublicKeyAsSecret(auth(MEMBER)) }),
    ],
    ["another client's key under our kid", () => ({ signer: byKey(auth('evergreen')) })],
    [
      "another client's key under its own kid",
      () => ({ header: { kid: kid('evergreen') }, signer: byKey(auth('evergreen')) }),
    ],
    ['our key for statements', () => ({ signer: byKey(federation.keys(MEMBER).statement) })],
    ['a key that it brings along', () => ({ header: { jwk: publicHalf(auth('evergreen')) } })],
    ['a key that it says where to fetch', () => ({ header: { jku: `${federation.url('broker')}/keys` } })],
    ['an extension that nobody knows', () => ({ header: { crit: ['exp'] } })],
  ])('S19 an assertion by %s is refused', async (_what, spoilt) => {
    expect(await refusal(assertionOf(federation, MEMBER, spoilt()))).toBe(INVALID);
  });

  test('S19 an assertion of a client that does not exist is refused', async () => {
    const claims = { iss: 'nobody', sub: 'nobody' };
    expect(await refusal(assertionOf(federation, MEMBER, { claims }))).toBe(INVALID);
  });
});

test('S19 an assertion counts once, also after the authority was killed', async () => {
  const assertion = assertionOf(federation, MEMBER, { claims: { exp: now() + 240 } });
  expect((await askToken(federation, READING, { assertion })).status).toBe(200);
  expect(await refusal(assertion)).toBe(INVALID);
  await federation.process('authority').kill();
  await federation.process('authority').start();
  expect(await refusal(assertion)).toBe(INVALID);
});

test('S24 a token lives ten minutes, is bound to its key, and nothing refreshes it', async () => {
  const { body } = await askToken(federation, READING, { assertion: assertionOf(federation, MEMBER) });
  expect(Object.keys(body).toSorted()).toEqual(['access_token', 'expires_in', 'scope', 'token_type']);
  expect(body).toMatchObject({ expires_in: 600, token_type: 'DPoP', scope: 'inquiry.read' });
});
