import type { Clock } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import { errors, jwtVerify } from 'jose';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import Type from 'typebox';
import type { Static, TObject, TProperties } from 'typebox';
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

const everyToken = Type.Object({
  aud: Type.String(),
  sub: Type.String({ minLength: 1, maxLength: 256 }),
  exp: Type.Integer(),
  nonce: Type.String({ minLength: 1, maxLength: 256 }),
});

interface Options<P extends TProperties> {
  readonly issuer: string;
  readonly clientId: string;
  readonly keys: JWTVerifyGetKey;
  readonly clock: Clock;
  /** What a token must say beside what each says; others of its claims are not looked at. */
  readonly claims: TObject<P>;
}

type Claims<P extends TProperties> = Static<typeof everyToken> & Static<TObject<P>>;

/**
 * Verifies id_tokens (OpenID Connect Core 1.0, section 3.1.3.7): signature by a key of the issuer, issuer,
 * one audience, times. What the token is for, its nonce, is checked by whoever acts on it. Throws
 * `token_invalid`, or `unavailable` where the issuer's keys cannot be had.
 */
export function idTokenReader<P extends TProperties>(
  options: Options<P>,
): (token: string) => Promise<Claims<P>> {
  const { issuer, claims, clientId, keys, clock } = options;
  return async (token) => {
    if (token.length > tokenCharactersMax) throw refusedToken('The id_token is too long.');
    const { payload, typ } = await verified(token, keys, { issuer, audience: clientId, nowMs: clock.now() });
    // An access token (RFC 9068) or another kind of JWT from the same issuer signs nobody in.
    if (typ !== undefined && typ.toUpperCase() !== 'JWT') throw refusedToken('This is no id_token.');
    if (!Value.Check(everyToken, payload) || !Value.Check(claims, payload))
      throw refusedToken('The id_token lacks a claim or has a malformed one.');
    if (clock.now() >= payload.exp * 1000) throw refusedToken('The id_token has expired.');
    return payload;
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
    throw refusedToken('The id_token does not verify.', cause);
  }
}

export function refusedToken(detail: string, cause?: unknown): CausewayError {
  return new CausewayError('token_invalid', { detail, cause });
}

function noKeys(cause: unknown): CausewayError {
  return new CausewayError('unavailable', { internal: 'keys of the identity provider', cause });
}
