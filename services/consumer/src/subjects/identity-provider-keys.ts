import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import Type from 'typebox';
import { Value } from 'typebox/value';

const discovery = Type.Object({ issuer: Type.String(), jwks_uri: Type.String() });
const timeoutMs = 3000;
/** Unknown key ids cause at most one fetch in this time. */
const cooldownMs = 10_000;

/**
 * The signing keys of an OpenID provider, found by discovery at the first use and fetched again only for a
 * key id not seen before. The document must name the configured issuer, and keys from another origin are not
 * taken.
 */
export function identityProviderKeys(issuer: string): JWTVerifyGetKey {
  let found: Promise<JWTVerifyGetKey> | undefined;
  return async (header, token) => {
    found ??= discover(issuer);
    const keys = await found.catch((cause: unknown) => {
      found = undefined;
      throw new Error('discovery failed', { cause });
    });
    return await keys(header, token);
  };
}

async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const url = `${issuer}/.well-known/openid-configuration`;
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' });
  const document: unknown = await response.json();
  if (!Value.Check(discovery, document) || document.issuer !== issuer) {
    throw new errors.JWKSInvalid('the discovery document is of another issuer');
  }
  const address = new URL(document.jwks_uri);
  if (address.origin !== new URL(issuer).origin) throw new errors.JWKSInvalid('keys of another origin');
  return createRemoteJWKSet(address, { timeoutDuration: timeoutMs, cooldownDuration: cooldownMs });
}
