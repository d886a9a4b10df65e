import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToNumberLE, concatBytes } from '@noble/curves/utils.js';
import { sha512 } from '@noble/hashes/sha2.js';

const { Point } = ed25519;

// Ed25519 (RFC 8032) in JavaScript alone, for the page form of each `#crypto`; the node form is libsodium's.

/** The 32 public bytes that belong to a 32 byte seed. */
export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  return ed25519.getPublicKey(seed);
}

/** The 64 byte signature of `message`. */
export function ed25519Sign(seed: Uint8Array, message: Uint8Array): Uint8Array {
  return ed25519.sign(message, seed);
}

/**
 * Whether `signature` is one of `message` under `publicKey`; never throws. Keys and R of small order, and
 * coordinates or scalars that are not reduced, are no signatures.
 */
export function ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64 || publicKey.length !== 32) return false;
  try {
    return (
      ed25519.verify(signature, message, publicKey, { zip215: false }) &&
      holdsExactly(publicKey, message, signature)
    );
  } catch {
    return false;
  }
}

/**
 * RFC 8032 lets a verifier multiply its equation by the cofactor, as noble does, or not, as libsodium does.
 * What the two judge differently only a signer can make who means to; it is no signature here either.
 */
function holdsExactly(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const key = Point.fromBytes(publicKey);
  const r = Point.fromBytes(signature.subarray(0, 32));
  const s = bytesToNumberLE(signature.subarray(32));
  const k = bytesToNumberLE(sha512(concatBytes(signature.subarray(0, 32), publicKey, message)));
  const reached = Point.BASE.multiplyUnsafe(s).subtract(key.multiplyUnsafe(k % Point.Fn.ORDER));
  return !r.isSmallOrder() && reached.equals(r);
}
