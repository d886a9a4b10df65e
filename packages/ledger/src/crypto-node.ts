import { hash } from 'node:crypto';
import sodium from 'sodium-native';

/**
 * What `#crypto` promises: synchronous, bytes in and bytes out. Hashes are node:crypto's, Ed25519 is libsodium's,
 * which takes half as long. `crypto-page.ts` has the same functions for a browser and gives the same verdicts.
 */
export function sha256(data: Uint8Array): Uint8Array {
  return plain(hash('sha256', data, 'buffer'));
}

/** The 32 public bytes that belong to a 32 byte seed (RFC 8032). */
export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  return plain(keyPair(seed).publicKey);
}

/** The 64 byte Ed25519 signature (RFC 8032) of `message`. */
export function ed25519Sign(seed: Uint8Array, message: Uint8Array): Uint8Array {
  const signature = Buffer.alloc(sodium.crypto_sign_BYTES);
  sodium.crypto_sign_detached(signature, bufferOf(message), keyPair(seed).secretKey);
  return plain(signature);
}

/**
 * Whether `signature` is one of `message` under `publicKey`; never throws. Keys and R of small order, and
 * coordinates or scalars that are not reduced, are no signatures.
 */
export function ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== sodium.crypto_sign_BYTES) return false;
  if (publicKey.length !== sodium.crypto_sign_PUBLICKEYBYTES) return false;
  return sodium.crypto_sign_verify_detached(bufferOf(signature), bufferOf(message), bufferOf(publicKey));
}

/** Standard base64 with padding (RFC 4648 section 4). */
export function bytesToBase64(bytes: Uint8Array): string {
  return bufferOf(bytes).toString('base64');
}

/** Lenient, as the platform is; `decodeBase64` is the strict one. Null where nothing can be read. */
export function bytesFromBase64(text: string): Uint8Array | null {
  return plain(Buffer.from(text, 'base64'));
}

function keyPair(seed: Uint8Array): { publicKey: Buffer; secretKey: Buffer } {
  const publicKey = Buffer.alloc(sodium.crypto_sign_PUBLICKEYBYTES);
  const secretKey = Buffer.alloc(sodium.crypto_sign_SECRETKEYBYTES);
  sodium.crypto_sign_seed_keypair(publicKey, secretKey, bufferOf(seed));
  return { publicKey, secretKey };
}

/** The same bytes, not a copy. */
function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The same bytes without the methods of a Buffer, whose `slice` shares memory and whose equality is its own. */
function plain(bytes: Buffer): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
