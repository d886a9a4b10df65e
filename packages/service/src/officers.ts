import { CausewayError } from '@causeway/protocol/errors';
import { type PublicJwk, checkPublicKey, thumbprint } from '@causeway/protocol/keys';
import { officersMin } from '@causeway/protocol/officer-act';
import type { FastifyRequest } from 'fastify';
import { ConfigError } from './config-error.ts';

/** The people who decide for a member, by the RFC 7638 thumbprint of the key each of them holds. */
export type Officers = ReadonlyMap<string, PublicJwk>;

/**
 * Reads the officers' public keys from a JWK Set (RFC 7517).
 * @throws ConfigError where there are not two different sound keys: nothing could ever be decided
 */
export function readOfficers(text: string): Officers {
  const officers = new Map<string, PublicJwk>();
  for (const jwk of keysOf(text)) {
    const key = soundKey(jwk);
    officers.set(thumbprint(key), key);
  }
  if (officers.size < officersMin) {
    throw new ConfigError('CAUSEWAY_OFFICERS must hold the public keys of two different officers at least.');
  }
  return officers;
}

function keysOf(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    const keys: unknown =
      typeof value === 'object' && value !== null ? Reflect.get(value, 'keys') : undefined;
    if (Array.isArray(keys)) return keys;
  } catch {
    // Answered below: whatever is not JSON is no JWK Set either.
  }
  throw new ConfigError('CAUSEWAY_OFFICERS must be a JWK Set of public Ed25519 keys.');
}

function soundKey(jwk: unknown): PublicJwk {
  try {
    return checkPublicKey(jwk);
  } catch (error) {
    const reason = error instanceof CausewayError ? error.publicDetail : 'It is malformed.';
    throw new ConfigError(`CAUSEWAY_OFFICERS holds a key that cannot be used. ${reason}`);
  }
}

/** A `preValidation` hook: who sends no signed act is told so before the rest of the body is looked at. */
export async function requireAct({ body }: FastifyRequest): Promise<void> {
  const act: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'act') : undefined;
  const signatures: unknown =
    typeof act === 'object' && act !== null ? Reflect.get(act, 'signatures') : undefined;
  if (Array.isArray(signatures) && signatures.length > 0) return;
  throw new CausewayError('statement_missing', { detail: 'Send an act that two officers have signed.' });
}
