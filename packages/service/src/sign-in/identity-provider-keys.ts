import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import Type from 'typebox';
import { Value } from 'typebox/value';
import type { IdentityProviderFetch } from './identity-provider-fetch.ts';

/** Finds the key that a token names. */
export type IdTokenKeys = JWTVerifyGetKey;

const discovery = Type.Object({ issuer: Type.String(), jwks_uri: Type.String() });
const timeoutMs = 3000;
/** Unknown key ids cause at most one fetch in this time. */
const cooldownMs = 10_000;

/**
 * The signing keys of an OpenID provider, found by discovery at the first use and fetched again only for a
 * key id not seen before. The document must name the configured issuer, and keys from another origin are not
 * taken.
 */
export function identityProviderKeys(issuer: string, ask: IdentityProviderFetch): JWTVerifyGetKey {
  const get = getOk(ask);
  let found: Promise<JWTVerifyGetKey> | undefined;
  return async (header, token) => {
    found ??= discover(issuer, get);
    const keys = await found.catch((cause: unknown) => {
      found = undefined;
      throw new Error('discovery failed', { cause });
    });
    return await keys(header, token);
  };
}

/** As the provider answers, where it does so with what was asked for. */
function getOk(ask: IdentityProviderFetch): IdentityProviderFetch {
  return async (url) => {
    const response = await ask(url);
    if (!response.ok) throw new Error(`status ${response.status}`);
    return response;
  };
}

async function discover(issuer: string, get: IdentityProviderFetch): Promise<JWTVerifyGetKey> {
  const response = await get(`${issuer}/.well-known/openid-configuration`);
  const document: unknown = await response.json();
  if (!Value.Check(discovery, document) || document.issuer !== issuer) {
    throw new Error('the discovery document is of another issuer');
  }
  const address = new URL(document.jwks_uri);
  if (address.origin !== new URL(issuer).origin) throw new Error('keys of another origin');
  return createRemoteJWKSet(address, {
    ...{ timeoutDuration: timeoutMs, cooldownDuration: cooldownMs },
    [customFetch]: async (url) => await get(url),
  });
}
