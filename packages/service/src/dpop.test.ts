import { generateKeyPairSync, createHash, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { CausewayError } from '@causeway/protocol';
import { describe, expect, test } from 'vitest';

import { checkProof } from './dpop.ts';
import { handClock } from './shell.fixture.ts';

const clock = handClock();
const url = 'http://localhost:7300/v1/inquiries/7';
const accessToken = 'a.b.c';
const ed = generateKeyPairSync('ed25519');
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const hash = (text: string): string => createHash('sha256').update(text).digest('base64url');
const jwkOf = (key: KeyObject): Record<string, unknown> =>
  Object.fromEntries(Object.entries(key.export({ format: 'jwk' })));

function thumbprint(key: KeyObject): string {
  const { crv, kty, x, y } = jwkOf(key);
  return hash(JSON.stringify(y === undefined ? { crv, kty, x } : { crv, kty, x, y }));
}

interface Parts {
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
  privateKey?: KeyObject;
  omit?: string;
}

const without = (value: Record<string, unknown>, name: string | undefined): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));

function proof({ header = {}, claims = {}, privateKey = ed.privateKey, omit }: Parts = {}): string {
  const publicKey = jwkOf(ed.publicKey);
  const fullHeader = without({ typ: 'dpop+jwt', alg: 'EdDSA', jwk: publicKey, ...header }, omit);
  const iat = Math.floor(clock.now() / 1000);
  const good = { jti: 'j-1', htm: 'GET', htu: url, iat, ath: hash(accessToken) };
  const input = `${b64(fullHeader)}.${b64(without({ ...good, ...claims }, omit))}`;
  const asymmetric = privateKey.asymmetricKeyType;
  const signature =
    asymmetric === 'ed25519'
      ? sign(null, Buffer.from(input), privateKey)
      : sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

const bound = thumbprint(ed.publicKey);

function check(text: string, more: { thumbprint?: string; method?: string; url?: string } = {}) {
  return checkProof({ proof: text, method: 'GET', url, accessToken, thumbprint: bound, ...more }, clock);
}

/** The error that a check ends in, or undefined where it passes. */
function refusalOf(run: () => unknown): CausewayError | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof CausewayError) return error;
    throw error;
  }
  return undefined;
}

describe('S20 a good proof', () => {
  test('passes, and says under which key its replay is remembered', () => {
    const first = check(proof());
    expect(first.replayKey).toMatch(/^dpop:[\w-]{43}$/u);
    expect(first.expiresAtMs).toBe(clock.now() + 120_000);
    expect(check(proof({ claims: { jti: 'j-2' } })).replayKey).not.toBe(first.replayKey);
  });

  test('passes in both spellings of the Edwards algorithm and with ES256', () => {
    expect(check(proof({ header: { alg: 'Ed25519' } }))).toBeDefined();
    const header = { alg: 'ES256', jwk: jwkOf(p256.publicKey) };
    const es256 = proof({ header, privateKey: p256.privateKey });
    expect(check(es256, { thumbprint: thumbprint(p256.publicKey) })).toBeDefined();
  });

  test('does not count query and fragment of the address, nor the spelling of host and scheme', () => {
    const odd = proof({ claims: { htu: 'HTTP://LOCALHOST:7300/v1/inquiries/7?x=1#y' } });
    expect(check(odd, { url: `${url}?wait=3` })).toBeDefined();
  });

  test.each([-59, 59])('passes %s s from the time here', (offset) => {
    expect(check(proof({ claims: { iat: Math.floor(clock.now() / 1000) + offset } }))).toBeDefined();
  });
});

describe('S20 refused', () => {
  const iat = Math.floor(clock.now() / 1000);
  const secret = jwkOf(ed.privateKey);
  const cases: [string, string][] = [
    ['not a JWT', 'hello'],
    ['empty', ''],
    ['two parts', 'a.b'],
    ['four parts', `${proof()}.x`],
    ['two proofs in one header', `${proof()}, ${proof()}`],
    ...['typ', 'alg', 'jwk', 'jti', 'htm', 'htu', 'iat', 'ath'].map((name): [string, string] => [
      `${name} missing`,
      proof({ omit: name }),
    ]),
    ['typ of an access token', proof({ header: { typ: 'at+jwt' } })],
    ['typ in capitals', proof({ header: { typ: 'DPOP+JWT' } })],
    ['RS256', proof({ header: { alg: 'RS256', jwk: jwkOf(rsa.publicKey) } })],
    ['HS256', proof({ header: { alg: 'HS256', jwk: { kty: 'oct', k: 'AAAA' } } })],
    ['none', proof({ header: { alg: 'none' } })],
    ['ES384', proof({ header: { alg: 'ES384', jwk: jwkOf(p384.publicKey) } })],
    ['ES256 with another curve', proof({ header: { alg: 'ES256', jwk: jwkOf(p384.publicKey) } })],
    ['EdDSA with an EC key', proof({ header: { jwk: jwkOf(p256.publicKey) } })],
    ['a private key in jwk', proof({ header: { jwk: secret } })],
    ['a signature by another key', proof({ privateKey: generateKeyPairSync('ed25519').privateKey })],
    ['a changed payload', proof().replace(/\.[^.]+\./u, `.${b64({ jti: 'x' })}.`)],
    ['padding', `${proof()}=`],
    ['crit', proof({ header: { crit: ['b64'] } })],
    ['b64 false', proof({ header: { b64: false } })],
    ['jku', proof({ header: { jku: 'http://127.0.0.1:1/keys' } })],
    ['x5u', proof({ header: { x5u: 'http://127.0.0.1:1/cert' } })],
    ['kid beside jwk', proof({ header: { kid: '../../etc/passwd' } })],
    ['another method', proof({ claims: { htm: 'POST' } })],
    ['a method in small letters', proof({ claims: { htm: 'get' } })],
    ['another path', proof({ claims: { htu: 'http://localhost:7300/v1/inquiries/8' } })],
    ['another port', proof({ claims: { htu: 'http://localhost:7301/v1/inquiries/7' } })],
    ['a user in the address', proof({ claims: { htu: 'http://a@localhost:7300/v1/inquiries/7' } })],
    ['htu that is no text', proof({ claims: { htu: [url] } })],
    ['htu that is no address', proof({ claims: { htu: '/v1/inquiries/7' } })],
    ['the hash of another token', proof({ claims: { ath: hash('other') } })],
    ['an hour old', proof({ claims: { iat: iat - 3600 } })],
    ['an hour ahead', proof({ claims: { iat: iat + 3600 } })],
    ['61 s old', proof({ claims: { iat: iat - 61 } })],
    ['iat as text', proof({ claims: { iat: String(iat) } })],
    ['an empty jti', proof({ claims: { jti: '' } })],
    ['a long jti', proof({ claims: { jti: 'x'.repeat(257) } })],
    ['jti as a number', proof({ claims: { jti: 1 } })],
    ['a megabyte', 'x'.repeat(1_000_000)],
    ['a small-order key', proof({ header: { jwk: { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) } } })],
  ];
  test.each(cases)('%s; a good proof works afterwards', (_what, text) => {
    const start = performance.now();
    expect(refusalOf(() => check(text))?.code).toBe('dpop_invalid');
    expect(performance.now() - start).toBeLessThan(50);
    check(proof());
  });

  test('S21 a good proof of another key than the token is bound to', () => {
    expect(refusalOf(() => check(proof(), { thumbprint: thumbprint(p256.publicKey) }))?.code).toBe(
      'dpop_invalid',
    );
  });

  test('the reason stays inside', () => {
    const error = refusalOf(() => check(proof({ claims: { htm: 'POST' } })));
    expect(error?.internal).toBe('htm');
    expect(error?.publicDetail).not.toContain('htm');
  });
});
