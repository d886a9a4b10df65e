import { seconds, uuidv7 } from '@causeway/kernel';
import { systemClock, systemRandom } from '@causeway/kernel/system';
import { type PrivateJwk, type PublicJwk, generateKey, thumbprint } from '@causeway/protocol/keys';
import type { SignedAct } from '@causeway/protocol/officer-act';
import { part, signatureOf } from './jws.ts';

/** Two officers and a JWK Set of their public keys, as the authority is configured with. */
export interface TestOfficers {
  readonly keys: readonly [PrivateJwk, PrivateJwk];
  readonly jwkSet: string;
}

export function makeOfficers(): TestOfficers {
  const keys = [generateKey(), generateKey()] as const;
  return { keys, jwkSet: JSON.stringify({ keys: keys.map(publicPart) }) };
}

export function publicPart({ kty, crv, x }: PrivateJwk): PublicJwk {
  return { kty, crv, x };
}

/** The members of every act; `more` says which act it is and replaces any of them. */
export function actPayload(fed: string, more: Record<string, unknown>): Record<string, unknown> {
  return { fed, iat: seconds(systemClock), jti: uuidv7(systemClock, systemRandom), ...more };
}

/** An act signed by each of these keys; `header` replaces members of the protected headers. */
export function signAct(
  payload: Record<string, unknown>,
  keys: readonly PrivateJwk[],
  header: Record<string, unknown> = {},
): SignedAct {
  const encoded = part(payload);
  const signatures = keys.map((key) => {
    const kid = thumbprint(publicPart(key));
    const protectedPart = part({ typ: 'causeway-act+jws', alg: 'Ed25519', kid, ...header });
    return { protected: protectedPart, signature: signatureOf(key, `${protectedPart}.${encoded}`) };
  });
  return { payload: encoded, signatures };
}
