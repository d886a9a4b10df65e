import { ed25519Verify, p256Verify, rsaVerify } from '#crypto';
import { Type, type Static } from 'typebox';
import { decodeBase64url } from './base64url.ts';
import { exact } from './claim-types.ts';
import { hash43Pattern } from './digest.ts';
import { CausewayError } from './errors.ts';
import { checkPublicKey, publicKey, type PublicJwk } from './keys.ts';
import { isP256Point } from './p256-point.ts';

const coordinate = Type.String({ pattern: `^${hash43Pattern}$` });

/** base64url of 1 to 1023 bytes (WebAuthn, section 4: credential id). */
export const credentialIdSchema = Type.String({ pattern: '^[A-Za-z0-9_-]{2,1364}$' });

/** The keys that authenticators make: P-256, Ed25519, or RSA of 2048 to 4096 bits. */
export const passkeyJwkSchema = Type.Union([
  exact({ kty: Type.Literal('EC'), crv: Type.Literal('P-256'), x: coordinate, y: coordinate }),
  exact({ kty: Type.Literal('OKP'), crv: Type.Literal('Ed25519'), x: coordinate }),
  exact({
    kty: Type.Literal('RSA'),
    n: Type.String({ pattern: '^[A-Za-z0-9_-]{342,683}$' }),
    e: Type.Literal('AQAB'),
  }),
]);

/** The public key of a passkey (RFC 7518, RFC 8037). */
export type PasskeyJwk = Static<typeof passkeyJwkSchema>;

/** Why a key may not be enrolled; undefined for a sound one. */
export function passkeyKeyProblem(jwk: PasskeyJwk): string | undefined {
  if (jwk.kty === 'EC') {
    const sound = isP256Point(decodeBase64url(jwk.x), decodeBase64url(jwk.y));
    return sound ? undefined : 'The key is not a point of P-256.';
  }
  if (jwk.kty === 'OKP') return edwardsProblem(jwk);
  const modulus = decodeBase64url(jwk.n);
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
  if (bits < 2048 || bits > 4096) return 'The key has 2048 to 4096 bits.';
  return ((modulus.at(-1) ?? 0) & 1) === 1 ? undefined : 'The modulus is even.';
}

/** As of a member's key; what was found sound before is not asked again. */
function edwardsProblem(jwk: PublicJwk): string | undefined {
  try {
    checkPublicKey(jwk);
    return undefined;
  } catch (error) {
    if (error instanceof CausewayError) return error.publicDetail;
    throw error;
  }
}

/**
 * Whether `signature` is one of `message` in the form in which authenticators write it: ES256 in DER, Ed25519
 * raw, RSASSA-PKCS1-v1_5 with SHA-256. The key decides the algorithm; never throws.
 */
export function passkeySignatureHolds(jwk: PasskeyJwk, message: Uint8Array, signature: Uint8Array): boolean {
  if (jwk.kty === 'EC') return p256Verify(jwk, message, signature);
  if (jwk.kty === 'RSA') return rsaVerify(jwk, message, signature);
  const text = Array.from(message, (byte) => String.fromCharCode(byte)).join('');
  return ed25519Verify(publicKey(jwk), text, signature);
}
