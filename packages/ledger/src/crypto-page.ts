import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';

export { ed25519PublicKey, ed25519Sign, ed25519Verify } from '@causeway/kernel/page-ed25519';

/** `#crypto` for a browser: the functions of `crypto-node.ts` in JavaScript alone, with the same verdicts. */
export function sha256(data: Uint8Array): Uint8Array {
  return nobleSha256(data);
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
