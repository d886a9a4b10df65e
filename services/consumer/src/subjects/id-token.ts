import type { Clock } from '@causeway/kernel';
import { CausewayError, digestOf, type Digest } from '@causeway/protocol';
import { errors, jwtVerify, type JWTVerifyGetKey, type JWTPayload } from 'jose';
import Type from 'typebox';
import { Value } from 'typebox/value';

/**
 * Signatures that an identity provider may use; a key of another kind is refused whatever the header says.
 */
const algorithms = ['ES256', 'EdDSA', 'Ed25519'];
/** A token acts at most this long after it was issued (seconds). */
const ageMax = 600;
/** How far the identity provider's clock may be ahead (seconds). The end of a token is exact all the same. */
const aheadMax = 2;
const tokenCharactersMax = 8192;

const identity = Type.Object(
  { scheme: Type.String({ maxLength: 16 }), value: Type.String({ maxLength: 64 }) },
  { additionalProperties: false },
);

const signedInClaims = Type.Object({
  aud: Type.String(),
  exp: Type.Integer(),
  nonce: Type.String({ minLength: 1, maxLength: 256 }),
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
 * Verifies id_tokens (OpenID Connect Core 1.0, section 3.1.3.7): signature by a key of the issuer, issuer,
 * one audience, times, and who signed in. What the token is for, its nonce, is checked by whoever acts on it.
 * Throws `token_invalid`, or `unavailable` where the issuer's keys cannot be had.
 */
export function idTokenVerifier(options: {
  issuer: string;
  clientId: string;
  keys: JWTVerifyGetKey;
  clock: Clock;
}): VerifyIdToken {
  const { issuer, clientId, keys, clock } = options;
  return async (token) => {
    if (token.length > tokenCharactersMax) throw refused('The id_token is too long.');
    const { payload, typ } = await verified(token, keys, { issuer, audience: clientId, nowMs: clock.now() });
    // An access token (RFC 9068) or another kind of JWT from the same issuer signs nobody in.
    if (typ !== undefined && typ.toUpperCase() !== 'JWT') throw refused('This is no id_token.');
    if (!Value.Check(signedInClaims, payload))
      throw refused('The id_token lacks a claim or has a malformed one.');
    const { nonce, exp } = payload;
    if (clock.now() >= exp * 1000) throw refused('The id_token has expired.');
    return { ...subjectOf(payload), nonce, token, digest: digestOf(token), expiresMs: exp * 1000 };
  };
}

async function verified(
  token: string,
  keys: JWTVerifyGetKey,
  expected: { issuer: string; audience: string; nowMs: number },
): Promise<{ payload: JWTPayload; typ: string | undefined }> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      issuer: expected.issuer,
      audience: expected.audience,
      algorithms,
      currentDate: new Date(expected.nowMs),
      maxTokenAge: ageMax - aheadMax,
      clockTolerance: aheadMax,
      requiredClaims: ['iat', 'exp', 'nonce', 'sub'],
    });
    return { payload, typ: protectedHeader.typ };
  } catch (cause) {
    if (!(cause instanceof errors.JOSEError) || cause instanceof errors.JWKSTimeout) throw noKeys(cause);
    throw refused('The id_token does not verify.', cause);
  }
}

const ofPerson: ReadonlySet<string> = new Set(['gb11643', 'passport']);
const ofEnterprise: ReadonlySet<string> = new Set(['gb32100']);

function subjectOf(claims: Type.Static<typeof signedInClaims>): Pick<SignedIn, 'subject' | 'role'> {
  const { identity: person, role, enterprise } = claims;
  const actsForEnterprise = role === 'legal_representative';
  if (actsForEnterprise !== (enterprise !== undefined)) {
    throw refused('A legal representative acts for a named enterprise, and nobody else does.');
  }
  const { scheme } = enterprise ?? person;
  if (!(enterprise ? ofEnterprise : ofPerson).has(scheme))
    throw refused('The identity is of the wrong scheme.');
  return enterprise
    ? { subject: enterprise, role: 'legal_representative' }
    : { subject: person, role: 'self' };
}

function refused(detail: string, cause?: unknown): CausewayError {
  return new CausewayError('token_invalid', { detail, cause });
}

function noKeys(cause: unknown): CausewayError {
  return new CausewayError('unavailable', { internal: 'keys of the identity provider', cause });
}
