import { seconds } from '@causeway/kernel';
import type { Clock } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';

import { readJose } from './jose-parts.ts';

/** The member behind a token, and what it may do with it. */
export interface Caller {
  readonly member: string;
  readonly scopes: readonly string[];
}

/** The claims of an access token (RFC 9068) that this federation relies on, bound to a key (RFC 9449). */
export interface AccessToken extends Caller {
  /** Thumbprint of the one key that may present it. */
  readonly thumbprint: string;
}

const tokenHeader = new Set(['typ', 'alg', 'kid']);
const lifetimeSecondsMax = 600;
const skewSecondsMax = 8;

/**
 * The `kid` of something that has the form of our access tokens; its signature is not checked yet.
 * @throws CausewayError token_invalid for an ID token, a statement, a foreign algorithm or an unexpected
 * header
 */
export function tokenKeyId(token: string): string {
  const parts = readJose(token, tokenHeader);
  if (parts === undefined) throw invalid('not a strict JWS with typ, alg and kid');
  const { typ, alg, kid } = parts.header;
  if (typ !== 'at+jwt') throw invalid('typ');
  if (alg !== 'EdDSA') throw invalid('alg');
  if (typeof kid !== 'string') throw invalid('kid');
  return kid;
}

/**
 * Reads the claims of a token whose signature has been verified.
 * @throws CausewayError token_invalid
 */
export function readAccessToken(
  claims: Readonly<Record<string, unknown>>,
  expected: { issuer: string; audience: string },
  clock: Clock,
): AccessToken {
  if (claims['iss'] !== expected.issuer) throw invalid('iss');
  if (claims['aud'] !== expected.audience) throw invalid('aud');
  checkTimes(claims, seconds(clock));
  const member = claims['client_id'];
  if (typeof member !== 'string' || claims['sub'] !== member) throw invalid('client_id');
  if (typeof claims['jti'] !== 'string') throw invalid('jti');
  const scope = claims['scope'];
  return {
    member,
    scopes: typeof scope === 'string' ? scope.split(' ') : [],
    thumbprint: readThumbprint(claims['cnf']),
  };
}

function checkTimes(claims: Readonly<Record<string, unknown>>, now: number): void {
  const { iat, exp, nbf } = claims;
  if (typeof iat !== 'number' || typeof exp !== 'number') throw invalid('iat and exp');
  if (now >= exp) throw invalid('expired');
  if (iat > now + skewSecondsMax || exp - iat > lifetimeSecondsMax) throw invalid('lifetime');
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf > now + skewSecondsMax)) throw invalid('nbf');
}

function readThumbprint(cnf: unknown): string {
  const jkt: unknown = typeof cnf === 'object' && cnf !== null ? Reflect.get(cnf, 'jkt') : undefined;
  if (typeof jkt !== 'string') throw invalid('not bound to a key');
  return jkt;
}

function invalid(internal: string): CausewayError {
  return new CausewayError('token_invalid', { internal });
}
