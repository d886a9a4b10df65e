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

const token = (iat: number, exp: number): Promise<string> =>
  new SignJWT({ nonce: 'session:1', identity })
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
