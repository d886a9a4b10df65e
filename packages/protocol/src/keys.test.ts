import { ED25519_TORSION_SUBGROUP } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBase64url } from './base64url.ts';
import { CausewayError } from './errors.ts';
import { newKey, randomFrom } from './federation.fixture.ts';
import {
  checkPublicKey,
  generateKey,
  kidOf,
  memberOfKid,
  signingKeyFromJwk,
  thumbprint,
  type PublicJwk,
} from './keys.ts';

const jwk = (bytes: Uint8Array | string): PublicJwk => ({
  kty: 'OKP',
  crv: 'Ed25519',
  x: typeof bytes === 'string' ? encodeBase64url(Buffer.from(bytes, 'hex')) : encodeBase64url(bytes),
});

const reasonAgainst = (key: unknown): string => {
  try {
    checkPublicKey(key);
  } catch (error) {
    if (error instanceof CausewayError && error.code === 'weak_key') return error.publicDetail;
    throw error;
  }
  throw new Error('was accepted');
};

const ff = 'ff'.repeat(30);
/** The eight points of order 1, 2, 4 and 8, by an independent implementation. */
const smallOrder = ED25519_TORSION_SUBGROUP;
/** Other spellings of points: y >= p, or x = 0 with the sign bit. */
const nonCanonical = [
  `01${'00'.repeat(30)}80`,
  `ec${ff}ff`,
  `ee${ff}7f`,
  `ee${ff}ff`,
  `ed${ff}7f`,
  `ed${ff}ff`,
  `${'ff'.repeat(31)}7f`,
];

describe('S18 weak public keys', () => {
  it('S18 there are eight points of small order', () => {
    expect(new Set(smallOrder).size).toBe(8);
  });

  it.each(smallOrder)('S18 a point of small order: %s', (hex) => {
    expect(reasonAgainst(jwk(hex))).toContain('small order');
  });

  it.each(nonCanonical)('S18 a second spelling of a point: %s', (hex) => {
    expect(reasonAgainst(jwk(hex))).toMatch(/canonical|small order/u);
  });

  it('S18 bytes that are no point of the curve', () => {
    expect(reasonAgainst(jwk(`02${'00'.repeat(31)}`))).toContain('not a point');
  });

  it.each([
    ['an RSA key', { kty: 'RSA', n: 'AQAB', e: 'AQ' }],
    ['a P-256 key', { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }],
    ['a symmetric key', { kty: 'oct', k: 'AAAA' }],
    ['an X25519 key', { kty: 'OKP', crv: 'X25519', x: newKey('m').jwk.x }],
    ['a private key', generateKey()],
    ['a key with more members', { ...newKey('m').jwk, alg: 'Ed25519' }],
    ['31 bytes', jwk(new Uint8Array(31).fill(9))],
    ['no x', { kty: 'OKP', crv: 'Ed25519' }],
    ['padded x', { ...newKey('m').jwk, x: `${newKey('m').jwk.x}=` }],
    ['nothing', null],
    ['text', 'key'],
  ])('S18 %s', (_what, key) => {
    expect(reasonAgainst(key)).not.toBe('');
  });

  it('S18 every generated key is accepted', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (seed) => {
        const { d: _, ...key } = generateKey(randomFrom(seed));
        expect(checkPublicKey(key)).toEqual(key);
      }),
      { numRuns: 25 },
    );
  });

  it('S18 does not repeat the private part', () => {
    const secret = generateKey();
    expect(reasonAgainst(secret)).not.toContain(secret.d);
  });
});

describe('kid', () => {
  it('is the member and the RFC 7638 thumbprint (RFC 8037 appendix A.3)', () => {
    const key = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' } as const;
    expect(thumbprint(key)).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
    expect(kidOf('abc-bank', key)).toBe('abc-bank:kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
    expect(memberOfKid(kidOf('abc-bank', key))).toBe('abc-bank');
  });

  it.each(['', 'abc-bank', ':x', 'Abc:kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k', 'a/../b:x', 'a:b:c'])(
    '%j is none',
    (kid) => expect(memberOfKid(kid)).toBeUndefined(),
  );
});

describe('signing keys', () => {
  it('are made from their private JWK and do not serialise it', () => {
    const secret = generateKey();
    const key = signingKeyFromJwk('abc-bank', secret);
    expect(key.jwk).toEqual({ kty: 'OKP', crv: 'Ed25519', x: secret.x });
    expect(JSON.stringify(key)).not.toContain(secret.d);
  });

  it('refuse a public part that is not theirs, and a short seed', () => {
    const secret = generateKey();
    expect(() => signingKeyFromJwk('m', { ...secret, x: generateKey().x })).toThrow('does not belong');
    expect(() => signingKeyFromJwk('m', { ...secret, d: 'AAAA' })).toThrow('32 bytes');
  });
});
