import type { Clock } from '@causeway/kernel';
import { readBounded } from '@causeway/service/bounded-body';
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import Type from 'typebox';
import { Value } from 'typebox/value';

const discovery = Type.Object({ issuer: Type.String(), jwks_uri: Type.String() });
const timeoutMs = 3000;
/** Unknown key ids cause at most one fetch in this time; after one that failed, nothing does. */
const cooldownMs = 10_000;
const failedCooldownMs = 5000;
/** Of either document. */
const bytesMax = 256 * 1024;

/**
 * The signing keys of an OpenID provider, found by discovery at the first use and fetched again only for a
 * key id not seen before. The document must name the configured issuer, and keys from another origin are not
 * taken. What is endless, too large or late is given up, and then not asked for again for a while: sign-ins
 * fail at once, and whoever waits holds nothing else.
 */
export function identityProviderKeys(issuer: string, clock: Clock): JWTVerifyGetKey {
  const get = patientGet(clock);
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

type Get = (url: string) => Promise<Response>;

/** Fetches small answers; after one that failed it fails at once, until `failedCooldownMs` have passed. */
function patientGet(clock: Clock): Get {
  let notBeforeMs = -Infinity;
  return async (url) => {
    if (clock.monotonic() < notBeforeMs) throw new Error('the identity provider has just failed');
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' });
      const body = response.body === null ? undefined : await readBounded(response.body, bytesMax);
      if (!response.ok || body === undefined) throw new Error(`status ${response.status}`);
      return Response.json(JSON.parse(body.toString()));
    } catch (cause) {
      notBeforeMs = clock.monotonic() + failedCooldownMs;
      throw new Error('the identity provider does not answer', { cause });
    }
  };
}

async function discover(issuer: string, get: Get): Promise<JWTVerifyGetKey> {
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
