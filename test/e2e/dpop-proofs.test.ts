import { generateKeyPairSync, sign } from 'node:crypto';
import { generateKey } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { publicHalf } from './applicant.ts';
import { request } from './answers.ts';
import {
  type Spoilt,
  byKey,
  byNobody,
  byPublicKeyAsSecret,
  byRsa,
  freshId,
  hashOf,
  now,
  proofOf,
  rsaJwk,
} from './forged-tokens.ts';
import { type TokenResource, goodProof, openResource, refusalAt } from './token-resource.ts';

let federation: Federation;
let resource: TokenResource;
beforeAll(async () => {
  federation = await startTestFederation();
  resource = await openResource(federation);
});
afterAll(() => stopTestFederation(federation));

const INVALID = '401 dpop_invalid';
const stranger = generateKey();

/** How the broker refuses the good token with this proof, or these. */
const refusalOf = (dpop: string | string[]): Promise<string> =>
  refusalAt(federation, resource, { authorization: `DPoP ${resource.token}`, dpop });

/** A good proof but for the changes. */
function spoiltProof(
  spoilt: Spoilt,
  { method = 'GET', url = resource.url, token = resource.token } = {},
): string {
  return proofOf(resource.key, { method, url, token }, spoilt);
}

describe('the header of the request', () => {
  test('S20 no proof at all', async () => {
    expect(await refusalAt(federation, resource, { authorization: `DPoP ${resource.token}` })).toBe(INVALID);
  });

  test('S20 two proofs, each good, in two headers or in one', async () => {
    expect(await refusalOf([goodProof(resource), goodProof(resource)])).toBe(INVALID);
    expect(await refusalOf(`${goodProof(resource)}, ${goodProof(resource)}`)).toBe(INVALID);
  });

  test.each(['', 'proof', 'a.b', 'a.b.c', 'a.b.c.d', 'e30.e30.', '🂡'])(
    'S20 "%s" is no proof',
    async (text) => {
      expect(await refusalOf(encodeURI(text))).toBe(INVALID);
    },
  );

  test('S20 a proof of 8 kB is refused unread', async () => {
    expect(await refusalOf(spoiltProof({ claims: { padding: 'x'.repeat(8192) } }))).toBe(INVALID);
  });
});

describe('members', () => {
  test.each(['typ', 'alg', 'jwk'])('S20 a proof without %s in its header', async (member) => {
    expect(await refusalOf(spoiltProof({ header: { [member]: undefined } }))).toBe(INVALID);
  });

  test.each(['jti', 'htm', 'htu', 'iat', 'ath'])('S20 a proof without %s', async (member) => {
    expect(await refusalOf(spoiltProof({ claims: { [member]: undefined } }))).toBe(INVALID);
  });

  test.each<[string, unknown[]]>([
    ['typ', ['JWT', 'dpop', 'DPoP+JWT', 'application/dpop+jwt', 'at+jwt', 1]],
    ['crit', [['exp']]],
    ['kid', ['abc-bank']],
    ['jku', ['http://127.0.0.1:9/keys']],
    ['b64', [false]],
  ])('S20 a proof whose header has another or one more %s', async (member, values) => {
    for (const value of values) {
      expect([value, await refusalOf(spoiltProof({ header: { [member]: value } }))]).toEqual([
        value,
        INVALID,
      ]);
    }
  });

  test.each<[string, () => unknown[]]>([
    ['htm', () => ['POST', 'get', 'HEAD', ['GET'], '']],
    ['htu', () => wrongUrls()],
    ['ath', () => [hashOf(`${resource.token}x`), hashOf(''), resource.token, '']],
    ['jti', () => ['', 1, 'x'.repeat(300)]],
    ['iat', () => [now() - 3600, now() + 3600, now() - 75, now() + 75, String(now()), undefined]],
  ])('S20 a proof with a wrong %s', async (member, values) => {
    for (const value of values()) {
      expect([value, await refusalOf(spoiltProof({ claims: { [member]: value } }))]).toEqual([
        value,
        INVALID,
      ]);
    }
  });

  function wrongUrls(): unknown[] {
    const { host, pathname } = new URL(resource.url);
    const other = federation.url('consumer');
    return [
      `https://${host}${pathname}`,
      `${other}${pathname}`,
      `${resource.url}/x`,
      `http://${host}/`,
      pathname,
      7,
    ];
  }
});

describe('key and signature', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const byP256 = (input: string): string =>
    sign('sha256', Buffer.from(input), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' }).toString(
      'base64url',
    );

  test.each<[string, () => Spoilt]>([
    ['RS256 and its own key', () => ({ header: { alg: 'RS256', jwk: rsaJwk }, signer: byRsa })],
    ['RS256 in name only', () => ({ header: { alg: 'RS256' } })],
    ['none', () => ({ header: { alg: 'none' }, signer: byNobody })],
    [
      'HS256 by the public key',
      () => ({ header: { alg: 'HS256' }, signer: byPublicKeyAsSecret(resource.key) }),
    ],
    ['an unknown algorithm', () => ({ header: { alg: 'Ed448' } })],
    ['nothing', () => ({ signer: byNobody })],
    ["another's key in the token's name", () => ({ signer: byKey(stranger) })],
    ['another key, well made', () => ({ header: { jwk: publicHalf(stranger) }, signer: byKey(stranger) })],
    [
      'another key of another kind, well made',
      () => ({ header: { alg: 'ES256', jwk: ec.publicKey.export({ format: 'jwk' }) }, signer: byP256 }),
    ],
    ['its private key in the open', () => ({ header: { jwk: resource.key } })],
    ['a key that is no key', () => ({ header: { jwk: { kty: 'OKP', crv: 'Ed25519', x: 'AA' } } })],
    ['a weak key', () => ({ header: { jwk: { kty: 'OKP', crv: 'Ed25519', x: `${'A'.repeat(43)}` } } })],
  ])('S20 a proof signed by %s', async (_what, spoilt) => {
    expect(await refusalOf(spoiltProof(spoilt()))).toBe(INVALID);
  });

  test('S20 a proof with one character changed anywhere', async () => {
    const parts = goodProof(resource).split('.');
    for (const at of [0, 1, 2]) {
      const changed = parts.map((part, i) =>
        i === at ? `${part.slice(0, 9)}${flip(part[9])}${part.slice(10)}` : part,
      );
      expect(await refusalOf(changed.join('.'))).toBe(INVALID);
    }
  });

  const flip = (char = 'A'): string => (char === 'A' ? 'B' : 'A');
});

describe('a proof counts once', () => {
  test('S20 the second presentation is refused, also after the broker was killed', async () => {
    const dpop = spoiltProof({ claims: { iat: now() + 45 } });
    const headers = { authorization: `DPoP ${resource.token}`, dpop };
    expect((await request(resource.url, { headers })).status).toBe(200);
    expect(await refusalOf(dpop)).toBe(INVALID);
    await federation.process('broker').kill();
    await federation.process('broker').start();
    expect(await refusalOf(dpop)).toBe(INVALID);
  });

  test('S20 another proof with the same jti is refused', async () => {
    const jti = freshId();
    const headers = { authorization: `DPoP ${resource.token}`, dpop: spoiltProof({ claims: { jti } }) };
    expect((await request(resource.url, { headers })).status).toBe(200);
    expect(await refusalOf(spoiltProof({ claims: { jti, iat: now() + 1 } }))).toBe(INVALID);
  });

  test('S20 a proof for one request is none for another', async () => {
    const url = resource.url.replace(/\/report$/, '');
    expect(await refusalOf(spoiltProof({}, { url }))).toBe(INVALID);
    expect(await refusalOf(spoiltProof({}, { method: 'POST' }))).toBe(INVALID);
    expect(await refusalOf(spoiltProof({}, { token: 'another' }))).toBe(INVALID);
  });
});
