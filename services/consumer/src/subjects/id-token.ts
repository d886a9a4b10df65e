import { type Clock, seconds } from '@causeway/kernel';
import { digestOf, type Digest } from '@causeway/protocol';
import { authenticationClaims, requireAuthentication } from '@causeway/service/sign-in/authentication';
import type { Authentication } from '@causeway/service/sign-in/authentication';
import { idTokenReader, refusedToken } from '@causeway/service/sign-in/id-token';
import type { JWTVerifyGetKey } from 'jose';
import Type from 'typebox';

const identity = Type.Object(
  { scheme: Type.String({ maxLength: 16 }), value: Type.String({ maxLength: 64 }) },
  { additionalProperties: false },
);

const signedInClaims = Type.Object({
  ...authenticationClaims,
  identity,
  role: Type.Optional(Type.Literal('legal_representative')),
  enterprise: Type.Optional(identity),
});

/** What a verified id_token says. */
export interface SignedIn {
  /** Whose data the act is about: the person, or the enterprise that the person represents. */
  readonly subject: { readonly scheme: string; readonly value: string };
  readonly role: 'self' | 'legal_representative';
  readonly nonce: string;
  readonly token: string;
  readonly digest: Digest;
  readonly expiresMs: number;
}

export type VerifyIdToken = (token: string) => Promise<SignedIn>;

/**
 * Verifies id_tokens, and who signed in. What the token is for, its nonce, is checked by whoever acts on it.
 * Throws `token_invalid`, `authentication_weak` for an act by somebody who signed in by less than `stepUp`
 * demands, or `unavailable` where the issuer's keys cannot be had.
 */
export function idTokenVerifier(options: {
  issuer: string;
  clientId: string;
  keys: JWTVerifyGetKey;
  clock: Clock;
  /** How a person must sign in for what a session is not enough for; as they like where it is absent. */
  stepUp?: Authentication | undefined;
}): VerifyIdToken {
  const read = idTokenReader({ ...options, claims: signedInClaims });
  const { clock, stepUp } = options;
  return async (token) => {
    const claims = await read(token);
    const { exp, nonce } = claims;
    if (stepUp && !nonce.startsWith('session:')) requireAuthentication(claims, stepUp, seconds(clock));
    return { ...subjectOf(claims), nonce, token, digest: digestOf(token), expiresMs: exp * 1000 };
  };
}

const ofPerson: ReadonlySet<string> = new Set(['gb11643', 'passport']);
const ofEnterprise: ReadonlySet<string> = new Set(['gb32100']);

function subjectOf(claims: Type.Static<typeof signedInClaims>): Pick<SignedIn, 'subject' | 'role'> {
  const { identity: person, role, enterprise } = claims;
  const actsForEnterprise = role === 'legal_representative';
  if (actsForEnterprise !== (enterprise !== undefined)) {
    throw refusedToken('A legal representative acts for a named enterprise, and nobody else does.');
  }
  const { scheme } = enterprise ?? person;
  if (!(enterprise ? ofEnterprise : ofPerson).has(scheme))
    throw refusedToken('The identity is of the wrong scheme.');
  return enterprise
    ? { subject: enterprise, role: 'legal_representative' }
    : { subject: person, role: 'self' };
}
