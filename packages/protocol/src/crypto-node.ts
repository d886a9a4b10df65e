import { createPrivateKey, createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto';

/**
 * What `#crypto` promises, here by node:crypto: synchronous, bytes in and bytes out. A page gets another
 * module of the same shape. Nothing else in this package touches the platform.
 */
export type PrivateKey = KeyObject;
export type PublicKey = KeyObject;

/** DER of an Ed25519 private key (RFC 8410) up to its 32 byte seed. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
/** DER of an Ed25519 public key (RFC 8410) up to its 32 bytes. */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/** SHA-256 in base64url without padding. */
export function sha256Base64url(data: Uint8Array | string): string {
  return hash('sha256', data, 'base64url');
}

/** Ed25519 (RFC 8032) over the Latin-1 bytes of `input`, which is base64url and dots only. */
export function ed25519Sign(key: PrivateKey, input: string): Uint8Array {
  return sign(null, Buffer.from(input, 'latin1'), key);
}

/** Whether `signature` is an Ed25519 signature of `input` under `key`; never throws. */
export function ed25519Verify(key: PublicKey, input: string, signature: Uint8Array): boolean {
  return signature.length === 64 && verify(null, Buffer.from(input, 'latin1'), key, signature);
}

/** A private key from its 32 byte seed. */
export function ed25519Private(seed: Uint8Array): PrivateKey {
  return createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
}

/** A public key from its 32 bytes; whether they are a sound point is for the caller to have checked. */
export function ed25519Public(bytes: Uint8Array): PublicKey {
  return createPublicKey({ key: Buffer.concat([spkiPrefix, bytes]), format: 'der', type: 'spki' });
}

/** The 32 public bytes that belong to a private key. */
export function ed25519PublicBytes(key: PrivateKey): Uint8Array {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(spkiPrefix.length);
}

/** Bytes as base64url without padding. */
export function bytesToBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}

/**
 * Lenient, as the platform is: padding, white space, `+/` and stray bits pass. `decodeBase64url` is the
 * strict one.
 */
export function bytesFromBase64url(text: string): Uint8Array {
  return Buffer.from(text, 'base64url');
}
