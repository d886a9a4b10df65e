import { createPublicKey, hash, verify, type JsonWebKey, type KeyObject } from 'node:crypto';
import sodium from 'sodium-native';

/**
 * What `#crypto` promises: synchronous, bytes in and bytes out. Hashes are node:crypto's, Ed25519 is
 * libsodium's, which takes half as long and refuses signatures whose R is of small order. `crypto-page.ts`
 * has the same functions for a browser and gives the same verdicts. Nothing else in this package touches the
 * platform.
 */
export type PublicKey = Buffer;

/** An Ed25519 private key: it signs, and neither prints nor serialises. */
export class PrivateKey {
  readonly #secret = Buffer.alloc(sodium.crypto_sign_SECRETKEYBYTES);
  readonly #public = Buffer.alloc(sodium.crypto_sign_PUBLICKEYBYTES);

  constructor(seed: Uint8Array) {
    sodium.crypto_sign_seed_keypair(this.#public, this.#secret, Buffer.from(seed));
  }

  static sign(key: PrivateKey, message: Buffer): Buffer {
    const signature = Buffer.alloc(sodium.crypto_sign_BYTES);
    sodium.crypto_sign_detached(signature, message, key.#secret);
    return signature;
  }

  static publicBytes(key: PrivateKey): Uint8Array {
    return Uint8Array.from(key.#public);
  }
}

/** SHA-256 in base64url without padding. */
export function sha256Base64url(data: Uint8Array | string): string {
  return hash('sha256', data, 'base64url');
}

/** Ed25519 (RFC 8032) over the Latin-1 bytes of `input`, which is base64url and dots only. */
export function ed25519Sign(key: PrivateKey, input: string): Uint8Array {
  return PrivateKey.sign(key, Buffer.from(input, 'latin1'));
}

/** Whether `signature` is an Ed25519 signature of `input` under `key`; never throws. */
export function ed25519Verify(key: PublicKey, input: string, signature: Uint8Array): boolean {
  if (signature.length !== sodium.crypto_sign_BYTES) return false;
  if (key.length !== sodium.crypto_sign_PUBLICKEYBYTES) return false;
  return sodium.crypto_sign_verify_detached(bufferOf(signature), Buffer.from(input, 'latin1'), key);
}

/** A private key from its 32 byte seed. */
export function ed25519Private(seed: Uint8Array): PrivateKey {
  return new PrivateKey(seed);
}

/** A public key from its 32 bytes; whether they are a sound point is for the caller to have checked. */
export function ed25519Public(bytes: Uint8Array): PublicKey {
  return Buffer.from(bytes);
}

/** The 32 public bytes that belong to a private key. */
export function ed25519PublicBytes(key: PrivateKey): Uint8Array {
  return PrivateKey.publicBytes(key);
}

/** Whether `der` is an ECDSA signature of `message` under a P-256 key, with SHA-256; never throws. */
export function p256Verify(jwk: JsonWebKey, message: Uint8Array, der: Uint8Array): boolean {
  const key = imported(jwk);
  return key !== undefined && verify('sha256', message, key, der);
}

/** Whether `signature` is one of RSASSA-PKCS1-v1_5 with SHA-256 under an RSA key; never throws. */
export function rsaVerify(jwk: JsonWebKey, message: Uint8Array, signature: Uint8Array): boolean {
  const key = imported(jwk);
  return key !== undefined && verify('sha256', message, key, signature);
}

function imported(key: JsonWebKey): KeyObject | undefined {
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch {
    return undefined;
  }
}

/** Bytes as base64url without padding. */
export function bytesToBase64url(bytes: Uint8Array): string {
  return bufferOf(bytes).toString('base64url');
}

/**
 * Lenient, as the platform is: padding, white space, `+/` and stray bits pass. `decodeBase64url` is the
 * strict one.
 */
export function bytesFromBase64url(text: string): Uint8Array {
  return Buffer.from(text, 'base64url');
}

/** The same bytes, not a copy. */
function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
