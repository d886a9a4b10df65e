import * as ed25519 from '@causeway/kernel/page-ed25519';
import * as p256 from '@causeway/kernel/page-p256';
import * as rsa from '@causeway/kernel/page-rsa';
import { sha256 } from '@noble/hashes/sha2.js';

/** `#crypto` for a browser: the functions of `crypto-node.ts` in JavaScript alone, with the same verdicts. */
export type PublicKey = Uint8Array;

/** An Ed25519 private key: it signs, and neither prints nor serialises. */
export class PrivateKey {
  readonly #seed: Uint8Array;

  constructor(seed: Uint8Array) {
    this.#seed = Uint8Array.from(seed);
  }

  static sign(key: PrivateKey, message: Uint8Array): Uint8Array {
    return ed25519.ed25519Sign(key.#seed, message);
  }

  static publicBytes(key: PrivateKey): Uint8Array {
    return ed25519.ed25519PublicKey(key.#seed);
  }
}

/** SHA-256 in base64url without padding. */
export function sha256Base64url(data: Uint8Array | string): string {
  return bytesToBase64url(sha256(typeof data === 'string' ? new TextEncoder().encode(data) : data));
}

/** Ed25519 (RFC 8032) over the Latin-1 bytes of `input`, which is base64url and dots only. */
export function ed25519Sign(key: PrivateKey, input: string): Uint8Array {
  return PrivateKey.sign(key, latin1(input));
}

/** Whether `signature` is an Ed25519 signature of `input` under `key`; never throws. */
export function ed25519Verify(key: PublicKey, input: string, signature: Uint8Array): boolean {
  return ed25519.ed25519Verify(key, latin1(input), signature);
}

/** A private key from its 32 byte seed. */
export function ed25519Private(seed: Uint8Array): PrivateKey {
  return new PrivateKey(seed);
}

/** A public key from its 32 bytes; whether they are a sound point is for the caller to have checked. */
export function ed25519Public(bytes: Uint8Array): PublicKey {
  return Uint8Array.from(bytes);
}

/** The 32 public bytes that belong to a private key. */
export function ed25519PublicBytes(key: PrivateKey): Uint8Array {
  return PrivateKey.publicBytes(key);
}

interface P256Jwk {
  readonly x: string;
  readonly y: string;
}

/** Whether `der` is an ECDSA signature of `message` under a P-256 key, with SHA-256; never throws. */
export function p256Verify({ x, y }: P256Jwk, message: Uint8Array, der: Uint8Array): boolean {
  return p256.p256Verify(bytesFromBase64url(x), bytesFromBase64url(y), message, der);
}

/** Whether `signature` is one of RSASSA-PKCS1-v1_5 with SHA-256 under an RSA key; never throws. */
export function rsaVerify(
  { e, n }: { readonly e: string; readonly n: string },
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  return rsa.rsaVerify(bytesFromBase64url(n), bytesFromBase64url(e), message, signature);
}

/** Bytes as base64url without padding. */
export function bytesToBase64url(bytes: Uint8Array): string {
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/**
 * Lenient, as the platform is; `decodeBase64url` is the strict one. No bytes where nothing can be read, which
 * are spelt otherwise than what was.
 */
export function bytesFromBase64url(text: string): Uint8Array {
  try {
    return latin1(atob(text.replaceAll('-', '+').replaceAll('_', '/')));
  } catch {
    return new Uint8Array();
  }
}

function latin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}
