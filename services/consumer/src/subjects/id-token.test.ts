import type { Clock } from '@causeway/kernel';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { idTokenVerifier, type VerifyIdToken } from './id-token.ts';

const issuer = 'https://idp.example';
const clientId = 'causeway';
const identity = { scheme: 'gb11643', value: '990000199003070037' };
const nowS = 1_800_000_000;
let key: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
let keys: ReturnType<typeof createLocalJWKSet>;

beforeAll(async () => {
  const pair = await generateKeyPair('ES256', { extractable: true });
  key = pair.privateKey;
  keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(pair.publicKey)), alg: 'ES256' }] });
});

/** Verifies at so many milliseconds after `nowS`. */
function at(ms: number): VerifyIdToken {
  const clock: Clock = { now: () => nowS * 1000 + ms, monotonic: () => ms };
  return idTokenVerifier({ issuer, clientId, keys, clock });
}

const token = (iat: number, exp: number, said: object = {}): Promise<string> =>
  new SignJWT({ nonce: 'session:1', identity, ...said })
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuer(issuer)
    .setAudience(clientId)
    .setSubject('1')
    .setIssuedAt(nowS + iat)
    .setExpirationTime(nowS + exp)
    .sign(key);

describe('the times of an id_token', () => {
  test('S39 it is good until its last moment, and from its exp on it is not', async () => {
    const jwt = await token(-60, 1);
    expect(await at(999)(jwt)).toMatchObject({ subject: identity, expiresMs: (nowS + 1) * 1000 });
    for (const late of [1000, 1500, 2999, 3000, 60_000]) {
      await expect(at(late)(jwt)).rejects.toMatchObject({ code: 'token_invalid' });
    }
  });

  test('S39 the identity provider’s clock may be 2 s ahead, and no more', async () => {
    expect(await at(0)(await token(2, 300))).toMatchObject({ subject: identity });
    await expect(at(0)(await token(3, 300))).rejects.toMatchObject({ code: 'token_invalid' });
  });

  test('it acts for ten minutes, however long it says it lives', async () => {
    expect(await at(0)(await token(-600, 3600))).toMatchObject({ subject: identity });
    await expect(at(0)(await token(-601, 3600))).rejects.toMatchObject({ code: 'token_invalid' });
  });
});

describe('what a session is not enough for takes the sign-in that is demanded', () => {
  const stepUp = { acr: [], amr: ['otp', 'hwk'] };
  const clock: Clock = { now: () => nowS * 1000, monotonic: () => 0 };
  const outcome = async (said: object): Promise<string> => {
    const verify = idTokenVerifier({ issuer, clientId, keys, clock, stepUp });
    try {
      return (await verify(await token(-1, 300, said))).nonce;
    } catch (error) {
      return String(Reflect.get(Object(error), 'code'));
    }
  };
  const act = 'thaw:1';

  test.each([
    ['a session is opened with a password', { nonce: 'session:1', amr: ['pwd'] }, 'session:1'],
    ['an act with a second factor', { nonce: act, amr: ['pwd', 'otp'], auth_time: nowS - 9 }, act],
    ['no act with a password', { nonce: act, amr: ['pwd'], auth_time: nowS - 9 }, 'authentication_weak'],
    ['no act without a method', { nonce: act, auth_time: nowS - 9 }, 'authentication_weak'],
    [
      ...['no act with a factor of an hour ago'],
      ...[{ nonce: act, amr: ['hwk'], auth_time: nowS - 3600 }, 'authentication_weak'],
    ],
  ] as [string, object, string][])('%s', async (_, said, expected) => {
    expect(await outcome(said)).toBe(expected);
  });
});
