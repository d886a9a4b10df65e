import { createHash } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { systemRandom } from '@causeway/kernel';
import type { PrivateJwk } from '@causeway/protocol';

const ORDER = ed25519.Point.Fn.ORDER;

/**
 * The same statement under another valid signature: whoever holds an Ed25519 key can make as many as it
 * likes.
 */
export function twinOf(jws: string, key: PrivateJwk): string {
  const input = jws.slice(0, jws.lastIndexOf('.'));
  const { scalar, pointBytes } = ed25519.utils.getExtendedPublicKey(Buffer.from(key.d, 'base64url'));
  // RFC 8032 takes r from the message; any other r makes a signature that verifies as well.
  const r = littleEndian(systemRandom.bytes(64)) % ORDER;
  const R = ed25519.Point.BASE.multiply(r).toBytes();
  const hash = createHash('sha512').update(R).update(pointBytes).update(input).digest();
  const S = (r + (littleEndian(hash) % ORDER) * scalar) % ORDER;
  return `${input}.${Buffer.concat([R, thirtyTwoBytes(S)]).toString('base64url')}`;
}

/** The same signature with its scalar written beyond the group order, which lenient libraries let pass. */
export function overflowOf(jws: string): string {
  const [head, signature = ''] = [jws.slice(0, jws.lastIndexOf('.')), jws.split('.')[2]];
  const bytes = Buffer.from(signature, 'base64url');
  const S = littleEndian(bytes.subarray(32)) + ORDER;
  return `${head}.${Buffer.concat([bytes.subarray(0, 32), thirtyTwoBytes(S)]).toString('base64url')}`;
}

const littleEndian = (bytes: Uint8Array): bigint =>
  BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);

const thirtyTwoBytes = (value: bigint): Buffer =>
  Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();
