import { seconds, systemClock, systemRandom, uuidv7 } from '@causeway/kernel';
import { generateKey, type PublicJwk } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Applicant, applicationOf, apply, proofBy, publicHalf, signedAct } from './applicant.ts';
import { REQUESTS } from './certificate-requests.ts';
import { signRaw } from './raw-statement.ts';
import { refusedWriting } from './untouched.ts';

let federation: Federation;

beforeAll(async () => {
  federation = await startTestFederation({ bureaus: [] });
});
afterAll(() => stopTestFederation(federation));

const P = 2n ** 255n - 19n;
/** The y coordinate of a point of order 8; of two more it is the negative. */
const EIGHTH = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;

/** The 32 bytes of RFC 8032 section 5.1.2: y, little end first, and the sign of x in the highest bit. */
function encoded(y: bigint, sign: 0 | 1): string {
  const hex = (y + (sign === 1 ? 2n ** 255n : 0n)).toString(16).padStart(64, '0');
  return Buffer.from(hex, 'hex').reverse().toString('base64url');
}

const both = (name: string, y: bigint): [string, string][] => [
  [`${name}, x even`, encoded(y, 0)],
  [`${name}, x odd`, encoded(y, 1)],
];

const POINTS: [string, string][] = [
  ...both('of order 1', 1n),
  ...both('of order 2', P - 1n),
  ...both('of order 4', 0n),
  ...both('of order 8', EIGHTH),
  ...both('of order 8, negative', P - EIGHTH),
  ...both('zero, not canonical', P),
  ...both('one, not canonical', P + 1n),
  ...both('three, not canonical', P + 3n),
  ...both('the largest, not canonical', 2n ** 255n - 1n),
  ...both('not on the curve', 2n),
];

/** What verifies under the identity for every message: R the identity, S zero (RFC 8032 section 5.1.7). */
const FORGED = Buffer.concat([Buffer.from(encoded(1n, 0), 'base64url'), Buffer.alloc(32)]).toString(
  'base64url',
);

/** Applies with one thing wrong. What came of it, and that the authority wrote nothing. */
async function applied(wrong: Partial<Applicant>) {
  const [statement, auth] = [generateKey(), generateKey()];
  const good: Applicant = {
    ...{ id: 'newcomer', role: 'lender', statementKey: publicHalf(statement), authKey: publicHalf(auth) },
    prove: (claims, key) => proofBy(claims, key === 'statement' ? statement : auth),
  };
  const { body } = applicationOf(federation, { ...good, ...wrong });
  return refusedWriting(federation, { authority: {} }, () => apply(federation, body));
}

const weak = (x: string): PublicJwk => ({ kty: 'OKP', crv: 'Ed25519', x });

describe('an Ed25519 key at admission', () => {
  test.each(POINTS)('S18 a point %s is refused, as signing key and as client key', async (_what, x) => {
    for (const member of ['statementKey', 'authKey'] as const) {
      const { status, body } = await applied({ [member]: weak(x) });
      expect([status, body['code']]).toEqual([400, 'weak_key']);
      expect(body['detail']).toMatch(/small order|not a canonical|not a point of the curve/);
    }
  });

  test('S18 a forged proof of possession under a point of small order does not help', async () => {
    const forge: Applicant['prove'] = (claims) => {
      const [header, payload] = proofBy(claims, generateKey()).split('.');
      return `${header}.${payload}.${FORGED}`;
    };
    const keys = { statementKey: weak(encoded(1n, 0)), authKey: weak(encoded(P - 1n, 0)) };
    const { status, body } = await applied({ ...keys, prove: forge });
    expect([status, body['code']]).toEqual([400, 'weak_key']);
  });

  test.each<[string, unknown]>([
    ['on P-256', { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) }],
    ['on X25519', { kty: 'OKP', crv: 'X25519', x: publicHalf(generateKey()).x }],
    ['in lenient base64url', weak(`${publicHalf(generateKey()).x}=`)],
    ['of 31 bytes', weak('A'.repeat(42))],
    ['that is private', generateKey()],
    ['of RSA', { kty: 'RSA', n: 'AQAB', e: 'AQ' }],
  ])('S18 a key %s is refused', async (_what, key) => {
    const { status, body } = await applied({ statementKey: key as PublicJwk });
    expect([status, body['code']]).toEqual([400, 'weak_key']);
    expect(body['detail']).not.toBe('');
  });

  test('S18 two officers together cannot enrol a weak key for a member', async () => {
    const url = `${federation.url('authority')}/v1/members/abc-bank/acts`;
    const headers = { 'content-type': 'application/json' };
    for (const [, x] of POINTS) {
      const [jti, iat] = [uuidv7(systemClock, systemRandom), seconds(systemClock)];
      const { fed } = federation.ceremony;
      const own = { fed, member: 'abc-bank', jti, iat };
      const proof = signRaw(
        { header: { typ: 'causeway-key+jws', alg: 'Ed25519' }, claims: own },
        generateKey(),
      );
      const [head, payload] = proof.split('.');
      const act = signedAct(federation, { ...own, act: 'add_key', jwk: weak(x), use: ['inquiry'] });
      const body = JSON.stringify({ act, proof: `${head}.${payload}.${FORGED}` });
      const answer = await refusedWriting(federation, { authority: {} }, () =>
        fetch(url, { method: 'POST', headers, body }),
      );
      const { code } = (await answer.json()) as { code: string };
      expect([answer.status, code]).toEqual([400, 'weak_key']);
    }
  });
});

describe('the key of a certificate request', () => {
  test.each<[keyof typeof REQUESTS, RegExp]>([
    ['RSA of 1024 bits', /2048 bits/],
    ['the exponent 3', /exponent.*65537/],
    ['the exponent 1', /exponent.*65537/],
  ])('S18 %s is refused with the reason', async (which, reason) => {
    for (const role of ['bureau', 'lender'] as const) {
      const { status, body } = await applied({ role, csr: REQUESTS[which] });
      expect([status, body['code']]).toEqual([400, 'weak_key']);
      expect(body['detail']).toMatch(reason);
    }
  });

  test('S18 the same application with sound keys is taken', async () => {
    const [statement, auth] = [generateKey(), generateKey()];
    const { body } = applicationOf(federation, {
      ...{ id: 'newcomer', role: 'bureau', csr: REQUESTS.sound },
      ...{ statementKey: publicHalf(statement), authKey: publicHalf(auth) },
      prove: (claims, key) => proofBy(claims, key === 'statement' ? statement : auth),
    });
    expect((await apply(federation, body)).status).toBe(201);
  });
});
