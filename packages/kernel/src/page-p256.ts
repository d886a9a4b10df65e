import { p256 } from '@noble/curves/nist.js';
import { concatBytes } from '@noble/curves/utils.js';

// ECDSA on P-256 in JavaScript alone, for the page form of `#crypto`; the node form is OpenSSL's.

const uncompressed = (x: Uint8Array, y: Uint8Array): Uint8Array => concatBytes(Uint8Array.of(4), x, y);

/** Whether `der` is an ECDSA signature of `message`, hashed with SHA-256; never throws. */
export function p256Verify(x: Uint8Array, y: Uint8Array, message: Uint8Array, der: Uint8Array): boolean {
  try {
    return p256.verify(der, message, uncompressed(x, y), { format: 'der', lowS: false, prehash: true });
  } catch {
    return false;
  }
}
