import {
  ed25519Private,
  ed25519Public,
  ed25519PublicBytes,
  sha256Base64url,
  type PrivateKey,
  type PublicKey,
} from '#crypto';
import { systemRandom, type Random } from '@causeway/kernel';
import { decodeBase64url, encodeBase64url } from './base64url.ts';
import { hash43Pattern } from './digest.ts';
import { CausewayError } from './errors.ts';
import { edwardsPointProblem } from './edwards-point.ts';
import { suites } from './suite.ts';

/** An Ed25519 public key (RFC 8037), exactly these members. */
export interface PublicJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
}

/** An Ed25519 private key (RFC 8037). Never logged, never sent. */
export interface PrivateJwk extends PublicJwk {
  readonly d: string;
}

/** A member's key, ready to sign; the private part is opaque and does not serialise. */
export interface SigningKey {
  readonly member: string;
  readonly kid: string;
  readonly jwk: PublicJwk;
  readonly private: PrivateKey;
}

const kidExpression = new RegExp(`^([a-z][a-z0-9-]{1,38}):${hash43Pattern}$`, 'u');

/** The RFC 7638 thumbprint of a public key, SHA-256, base64url. */
export function thumbprint(jwk: PublicJwk): string {
  return sha256Base64url(`{"crv":"${jwk.crv}","kty":"${jwk.kty}","x":"${jwk.x}"}`);
}

/** `<member>:<RFC 7638 thumbprint>`, the only form of a `kid`. */
export function kidOf(member: string, jwk: PublicJwk): string {
  return `${member}:${thumbprint(jwk)}`;
}

/** The member that a kid names, or undefined where it is not a kid at all (a path, SQL, a URL). */
export function memberOfKid(kid: string): string | undefined {
  return kidExpression.exec(kid)?.[1];
}

/** A new private key. Keys come from the system's generator unless a test or the sandbox hands in its own. */
export function generateKey(random: Random = systemRandom): PrivateJwk {
  const seed = random.bytes(32);
  const x = encodeBase64url(ed25519PublicBytes(ed25519Private(seed)));
  return { kty: 'OKP', crv: 'Ed25519', x, d: encodeBase64url(seed) };
}

/** A member's signing key from its private JWK. Throws `weak_key` where x and d are not one pair. */
export function signingKeyFromJwk(member: string, privateJwk: PrivateJwk): SigningKey {
  const { d, x, kty, crv } = privateJwk;
  const jwk = checkPublicKey({ kty, crv, x });
  const seed = decodeBase64url(d);
  if (seed.length !== 32) throw new CausewayError('weak_key', { detail: 'd must be 32 bytes.' });
  const key = ed25519Private(seed);
  if (encodeBase64url(ed25519PublicBytes(key)) !== x) {
    throw new CausewayError('weak_key', { detail: 'The public part does not belong to the private part.' });
  }
  return { member, kid: kidOf(member, jwk), jwk, private: key };
}

/**
 * The public key, if it is one that may be enrolled: exactly kty, crv and x, a canonical point of the curve
 * and not one of small order, under which forged signatures verify. Throws `weak_key` with the reason.
 */
export function checkPublicKey(jwk: unknown): PublicJwk {
  const refuse = (detail: string): never => {
    throw new CausewayError('weak_key', { detail });
  };
  if (typeof jwk !== 'object' || jwk === null) return refuse('The key must be a JWK.');
  const { kty, crv, x, ...others } = jwk as Record<string, unknown>;
  if (kty !== suites.Ed25519.kty || crv !== suites.Ed25519.crv) return refuse('Only Ed25519 keys are taken.');
  if ('d' in others) return refuse('This is a private key. Keep it, and send kty, crv and x only.');
  if (Object.keys(others).length > 0) return refuse('The key must hold kty, crv and x only.');
  if (typeof x !== 'string') return refuse('x must be base64url.');
  if (sound.has(x)) return { kty, crv, x };
  const problem = edwardsPointProblem(pointOf(x));
  if (problem !== undefined) return refuse(problem);
  if (sound.size >= keptMax) sound.clear();
  sound.add(x);
  return { kty, crv, x };
}

/** Keys found sound before: the question costs a millisecond, and each proof of possession asks it again. */
const sound = new Set<string>();
const keptMax = 4096;

function pointOf(x: string): Uint8Array {
  try {
    return decodeBase64url(x);
  } catch (cause) {
    throw new CausewayError('weak_key', { detail: 'x must be strict base64url.', cause });
  }
}

const imported = new Map<string, PublicKey>();

/**
 * The platform's key for a public JWK that has been checked; kept, because importing costs half a
 * verification.
 */
export function publicKey(jwk: PublicJwk): PublicKey {
  let key = imported.get(jwk.x);
  if (!key) {
    key = ed25519Public(decodeBase64url(jwk.x));
    if (imported.size >= keptMax) imported.clear();
    imported.set(jwk.x, key);
  }
  return key;
}
