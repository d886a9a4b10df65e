import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { idTokenFor } from './id-token.ts';
import { startIdentityProvider, type IdentityProvider } from './index.ts';

const lina = { scheme: 'gb11643', value: '990000199001010028' };
const mill = { scheme: 'gb32100', value: '91990000MA0000001X' };
const clientId = 'portal';
let idp: IdentityProvider;

beforeAll(async () => {
  const persons = [
    { id: 'li-na', identity: lina, represents: [mill] },
    { id: 'wu', identity: { ...lina, value: '2' } },
  ];
  idp = await startIdentityProvider({ port: 0, clientId, clientSecret: 'quiet', persons });
});
afterAll(() => idp.stop());

const token = (choice: object) =>
  idTokenFor({ issuer: idp.issuer, clientId, clientSecret: 'quiet', person: 'li-na', nonce: 'n', ...choice });

async function claims(jwt: string) {
  const discovery = await (await fetch(new URL('/.well-known/openid-configuration', idp.issuer))).json();
  const keys = createRemoteJWKSet(new URL(String((discovery as { jwks_uri: string }).jwks_uri)));
  const { payload } = await jwtVerify(jwt, keys, {
    issuer: idp.issuer,
    audience: clientId,
    algorithms: ['ES256'],
  });
  return payload;
}

test('a person signs in by id and the token carries the identity and the nonce', async () => {
  const payload = await claims(await token({ nonce: 'approve:1:d' }));
  expect(payload).toMatchObject({ identity: lina, nonce: 'approve:1:d', sub: `gb11643:${lina.value}` });
  expect(payload).not.toHaveProperty('role');
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
});

test('a legal representative signs in for the enterprise', async () => {
  const payload = await claims(await token({ person: lina, enterprise: mill }));
  expect(payload).toMatchObject({ identity: lina, role: 'legal_representative', enterprise: mill });
});

test('refused: an unknown person, an enterprise of others, no nonce, a wrong secret', async () => {
  await expect(token({ person: 'nobody' })).rejects.toThrow('no such person');
  await expect(token({ person: { ...lina, value: '9' } })).rejects.toThrow('no such person');
  await expect(token({ person: 'wu', enterprise: mill })).rejects.toThrow('legal representative');
  await expect(token({ nonce: '' })).rejects.toThrow('nonce');
  await expect(token({ clientSecret: 'loud' })).rejects.toThrow('refused');
});

test('a provider that has ended is unavailable, and it is said what starts it', async () => {
  const ended = await startIdentityProvider({ port: 0, clientId, clientSecret: 'quiet', persons: [] });
  await ended.stop();
  const asked = token({ issuer: ended.issuer });
  await expect(asked).rejects.toMatchObject({ code: 'unavailable' });
  await expect(asked).rejects.toThrow('"causeway up" starts the federation');
});
