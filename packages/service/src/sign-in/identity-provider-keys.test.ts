import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock, type Clock } from '@causeway/kernel';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import Type from 'typebox';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { idTokenReader } from './id-token.ts';
import { identityProviderFetch } from './identity-provider-fetch.ts';
import { identityProviderKeys } from './identity-provider-keys.ts';

let server: Server;
let issuer: string;
/** What it answers, and what it was asked. */
let listener: RequestListener;
let asked: string[];
let keySet: object;
let sign: (kid: string, claims?: object) => Promise<string>;
let passedMs: number;
const clock: Clock = { now: () => systemClock.now(), monotonic: () => systemClock.monotonic() + passedMs };

const jsonOf = (url: string | undefined): object =>
  url === '/keys' ? keySet : { issuer, jwks_uri: `${issuer}/keys` };
const honest: RequestListener = (request, response) => response.end(JSON.stringify(jsonOf(request.url)));
/** 50 MB, and at that not at once. */
const endless: RequestListener = (_request, response) => {
  const some = Buffer.alloc(65_536, 0x20);
  let left = 800;
  const more = (): void => {
    while (left > 0 && !response.destroyed) {
      left -= 1;
      if (!response.write(some)) return void response.once('drain', more);
    }
    response.end('{}');
  };
  more();
};
const silent: RequestListener = () => undefined;

beforeAll(async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  keySet = { keys: [{ ...(await exportJWK(publicKey)), kid: 'known', alg: 'ES256' }] };
  sign = async (kid, claims = {}) => {
    const iat = Math.floor(systemClock.now() / 1000);
    const identity = { scheme: 'gb11643', value: '990000199001010025' };
    const body = {
      iss: issuer,
      aud: 'portal',
      sub: 'x',
      iat,
      exp: iat + 300,
      nonce: 'n',
      identity,
      ...claims,
    };
    return await new SignJWT(body).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey);
  };
});
beforeEach(async () => {
  [listener, asked, passedMs] = [honest, [], 0];
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    listener(request, response);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => void server.close(resolve));
});

type Read = (token: string) => Promise<{ identity: { value: string } }>;

const claims = Type.Object({ identity: Type.Object({ value: Type.String() }) });
const verifier = (): Read =>
  idTokenReader({
    claims,
    issuer,
    clientId: 'portal',
    keys: identityProviderKeys(issuer, identityProviderFetch(clock)),
    clock,
  });
const outcome = async (verify: Read, token: Promise<string>): Promise<string> => {
  try {
    return (await verify(await token)).identity.value;
  } catch (error) {
    return String(Reflect.get(Object(error), 'code'));
  }
};

describe('S26 the keys of the identity provider', () => {
  test('are found by discovery, once', async () => {
    const verify = verifier();
    const all = await Promise.all(Array.from({ length: 20 }, () => outcome(verify, sign('known'))));
    expect(new Set(all)).toEqual(new Set(['990000199001010025']));
    expect(asked).toEqual(['/.well-known/openid-configuration', '/keys']);
  });

  test('10,000 random key ids cause no fetch after the first', async () => {
    const verify = verifier();
    await outcome(verify, sign('known'));
    const before = asked.length;
    const token = (await sign('known')).split('.');
    for (let n = 0; n < 10_000; n += 1) {
      const header = Buffer.from(JSON.stringify({ alg: 'ES256', kid: `k${n}` })).toString('base64url');
      expect(await outcome(verify, Promise.resolve([header, ...token.slice(1)].join('.')))).toBe(
        'token_invalid',
      );
    }
    expect(asked.length).toBe(before);
  });

  test.each<[string, RequestListener]>([
    ['50 MB', endless],
    ['nothing, ever', silent],
    ['an error', (_request, response) => response.writeHead(500).end('{}')],
    ['what is no JSON', (_request, response) => response.end('<html>')],
    ['a detour', (_request, response) => response.writeHead(302, { location: `${issuer}/keys` }).end()],
  ])('an answer of %s is given up: nobody signs in, and it is not asked again at once', async (_, answer) => {
    listener = answer;
    const verify = verifier();
    expect(await outcome(verify, sign('known'))).toBe('unavailable');
    const all = await Promise.all(Array.from({ length: 50 }, () => outcome(verify, sign('known'))));
    expect([new Set(all), asked.length]).toEqual([new Set(['unavailable']), 1]);
    listener = honest;
    passedMs += 6000;
    expect(await outcome(verify, sign('known'))).toBe('990000199001010025');
  });

  test('an unknown key id leaves the keys that are held in force', async () => {
    const verify = verifier();
    await outcome(verify, sign('known'));
    expect(await outcome(verify, sign('other'))).toBe('token_invalid');
    expect(await outcome(verify, sign('known'))).toBe('990000199001010025');
  });

  test.each([
    ['of another issuer', () => ({ issuer: 'http://localhost:1', jwks_uri: `${issuer}/keys` })],
    ['with keys at another origin', () => ({ issuer, jwks_uri: 'http://localhost:1/keys' })],
    ['without keys', () => ({ issuer })],
  ])('a discovery document %s signs nobody in', async (_, document) => {
    listener = (_request, response) => response.end(JSON.stringify(document()));
    expect(await outcome(verifier(), sign('known'))).toBe('unavailable');
  });
});
