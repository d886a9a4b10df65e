import { createHash } from 'node:crypto';
import { type Clock, type Random, seconds, uuidv7 } from '@causeway/kernel';
import { systemClock, systemRandom } from '@causeway/kernel/system';
import { type PrivateJwk, generateKey, thumbprint } from '@causeway/protocol/keys';
import { compactJws } from './jws.ts';
import { publicPart } from './officers.ts';

const clock: Clock = systemClock;
const random: Random = systemRandom;

/** Who asks for a token, and how its assertion differs from a good one. */
export interface TokenRequest {
  readonly url: string;
  readonly member: string;
  readonly auth: PrivateJwk;
  readonly scope: string;
  readonly resource: string;
  readonly dpopKey?: PrivateJwk;
  /** Replaces members of the assertion's claims; undefined takes one away. */
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  /** A complete assertion instead of one made here; null sends none. */
  readonly assertion?: string | null;
  readonly proof?: string | null;
}

export interface TokenAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** A good client assertion (RFC 7523), with the changes asked for. */
export function assertionOf({ url, member, auth, claims, header }: TokenRequest): string {
  const now = seconds(clock);
  const good = {
    iss: member,
    sub: member,
    aud: `${url}/oauth`,
    jti: uuidv7(clock, random),
    iat: now,
    exp: now + 30,
  };
  const kid = thumbprint(publicPart(auth));
  return compactJws(auth, { alg: 'EdDSA', kid, ...header }, { ...good, ...claims });
}

/** A DPoP proof (RFC 9449) for one request. */
export function proofOf(key: PrivateJwk, method: string, url: string, token?: string): string {
  const ath = token === undefined ? {} : { ath: createHash('sha256').update(token).digest('base64url') };
  const claims = { jti: uuidv7(clock, random), htm: method, htu: url, iat: seconds(clock), ...ath };
  return compactJws(key, { typ: 'dpop+jwt', alg: 'EdDSA', jwk: publicPart(key) }, claims);
}

/** Asks the token endpoint. */
export async function askToken(request: TokenRequest): Promise<TokenAnswer> {
  const endpoint = `${request.url}/oauth/token`;
  const assertion = request.assertion === undefined ? assertionOf(request) : request.assertion;
  const proof =
    request.proof === undefined ? proofOf(request.dpopKey ?? generateKey(), 'POST', endpoint) : request.proof;
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    scope: request.scope,
    resource: request.resource,
  });
  if (assertion !== null) {
    form.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    form.set('client_assertion', assertion);
  }
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(proof === null ? {} : { dpop: proof }),
    },
    body: form.toString(),
  });
  return { status: response.status, body: recordOf(await response.json()) };
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
