import { generateKeyPair, SignJWT } from 'jose';
import type { CryptoKey } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';

import { staffAuthentication } from './open-desk.ts';
import { staffTokenReader } from './staff-token.ts';

const nowS = 1_795_000_000;
const clock = { now: () => nowS * 1000, monotonic: () => 0 };
const issuer = 'https://idp.example';
const clientId = 'console';
const strong = 'urn:example:strong';

let keys: { publicKey: CryptoKey; privateKey: CryptoKey };
beforeAll(async () => {
  keys = await generateKeyPair('ES256');
});

const usual = {
  ...{ causeway_member: 'central', causeway_roles: ['auditor'], nonce: 'session:1' },
  ...{ acr: strong, amr: ['pwd', 'otp'], auth_time: nowS - 5 },
};

async function tokenWith(change: Record<string, unknown>): Promise<string> {
  return await new SignJWT({ ...usual, ...change })
    .setProtectedHeader({ alg: 'ES256', kid: 'k' })
    .setIssuer(issuer)
    .setAudience(clientId)
    .setSubject('somebody')
    .setIssuedAt(nowS - 2)
    .setExpirationTime(nowS + 300)
    .sign(keys.privateKey);
}

async function outcome(change: Record<string, unknown>, wanted = {}): Promise<string> {
  const authentication = staffAuthentication(wanted);
  const options = { issuer, clientId, clock, authentication, keys: async () => keys.publicKey };
  try {
    const { person } = await staffTokenReader(options)(await tokenWith(change), 'central');
    return person;
  } catch (error) {
    return String(Reflect.get(Object(error), 'code'));
  }
}

describe('S97 staff sign in with a second factor', () => {
  test.each([
    ['two methods of which one is asked for', {}],
    ['a method that is enough by itself', { amr: ['hwk'] }],
    ['several factors', { amr: ['mfa'] }],
    ['whatever class, where none is asked for', { acr: undefined }],
    ['a sign-in of five minutes ago', { auth_time: nowS - 300 }],
    ['a clock that is a little ahead', { auth_time: nowS + 2 }],
  ])('%s lets in', async (_, change) => expect(await outcome(change)).toBe('somebody'));

  test.each([
    ['no method', { amr: undefined }],
    ['an empty list of methods', { amr: [] }],
    ['a password alone', { amr: ['pwd'] }],
    ['a method that only begins like one', { amr: ['mfa2', 'ot'] }],
    ['no time of the sign-in', { auth_time: undefined }],
    ['a sign-in that is replayed after five minutes', { auth_time: nowS - 301 }],
    ['a sign-in of tomorrow', { auth_time: nowS + 86_400 }],
  ])('%s opens nothing', async (_, change) => expect(await outcome(change)).toBe('authentication_weak'));

  test.each([
    ['the class that is asked for', {}, 'somebody'],
    ['no class', { acr: undefined }, 'authentication_weak'],
    ['a weaker class', { acr: 'urn:example:weak' }, 'authentication_weak'],
    ['the class, and an old sign-in', { auth_time: nowS - 3600 }, 'authentication_weak'],
  ])('where classes are asked for: %s', async (_, change, expected) => {
    expect(await outcome(change, { CAUSEWAY_STAFF_ACR: `urn:example:stronger ${strong}` })).toBe(expected);
  });

  test('where class and method are asked for, one of them is not enough', async () => {
    const both = { CAUSEWAY_STAFF_ACR: strong, CAUSEWAY_STAFF_AMR: 'hwk' };
    expect(await outcome({}, both)).toBe('authentication_weak');
    expect(await outcome({ acr: 'none', amr: ['hwk'] }, both)).toBe('authentication_weak');
    expect(await outcome({ amr: ['hwk'] }, both)).toBe('somebody');
  });

  test.each([
    ['amr is a text', { amr: 'mfa' }],
    ['auth_time is a text', { auth_time: String(nowS) }],
    ['there are too many methods', { amr: Array.from({ length: 33 }, () => 'mfa') }],
  ])('a token in which %s is none', async (_, change) => {
    expect(await outcome(change)).toBe('token_invalid');
  });

  test('and for the member that the token names, whatever its roles', async () => {
    expect(await outcome({ causeway_member: 'lotus' })).toBe('role_not_permitted');
    expect(await outcome({ causeway_member: undefined })).toBe('role_not_permitted');
  });
});
