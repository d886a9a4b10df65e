import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToNumberLE, concatBytes } from '@noble/curves/utils.js';
import { sha256 as nobleSha256, sha512 } from '@noble/hashes/sha2.js';

const { Point } = ed25519;

/** `#crypto` for a browser: the functions of `crypto-node.ts` in JavaScript alone, with the same verdicts. */
export function sha256(data: Uint8Array): Uint8Array {
  return nobleSha256(data);
}

/** The 32 public bytes that belong to a 32 byte seed (RFC 8032). */
export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  return ed25519.getPublicKey(seed);
}

/** The 64 byte Ed25519 signature (RFC 8032) of `message`. */
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
 * RFC 8032 lets a verifier multiply its equation by the cofactor, as noble does, or not, as libsodium does. What
 * the two judge differently only a signer can make who means to; it is no signature here either.
 */
function holdsExactly(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const key = Point.fromBytes(publicKey);
  const r = Point.fromBytes(signature.subarray(0, 32));
  const s = bytesToNumberLE(signature.subarray(32));
  const k = bytesToNumberLE(sha512(concatBytes(signature.subarray(0, 32), publicKey, message)));
  const reached = Point.BASE.multiplyUnsafe(s).subtract(key.multiplyUnsafe(k % Point.Fn.ORDER));
  return !r.isSmallOrder() && reached.equals(r);
}

/** Standard base64 with padding (RFC 4648 section 4). */
export function bytesToBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

/** Lenient, as the platform is; `decodeBase64` is the strict one. Null where nothing can be read. */
export function bytesFromBase64(text: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}
