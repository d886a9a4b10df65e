import sodium from 'libsodium-wrappers-sumo';
import { systemRandom, type Random } from '@causeway/kernel';
import { CausewayError } from './errors.ts';

export { isSubjectRef, subjectRef } from './subject-ref.ts';

/*
 * The oblivious pseudorandom function of RFC 9497, mode OPRF, suite ristretto255-SHA512. Whoever evaluates
 * learns nothing of the input; whoever asks learns nothing of the key. This module loads libsodium
 * (WebAssembly), so it is not part of the package's index.
 */
await sodium.ready;

const encoder = new TextEncoder();
const hashToGroupTag = encoder.encode('HashToGroup-OPRFV1-\u0000-ristretto255-SHA512');
const finalizeTag = encoder.encode('Finalize');
const inputBytesMax = 65_535;

/** A new evaluation key: a canonical scalar that is not zero, 32 bytes. */
export function generateBlindKey(random: Random = systemRandom): Uint8Array {
  for (;;) {
    const scalar = sodium.crypto_core_ristretto255_scalar_reduce(random.bytes(64));
    if (!sodium.is_zero(scalar)) return scalar;
  }
}

/** Hides `input`. `blinded` goes to the evaluator; `state` stays here for `finalize`, for this input only. */
export function blind(
  input: Uint8Array,
  random: Random = systemRandom,
): { blinded: Uint8Array; state: Uint8Array } {
  const state = generateBlindKey(random);
  return { blinded: sodium.crypto_scalarmult_ristretto255(state, hashToGroup(input)), state };
}

/**
 * Evaluates blinded elements under the key, in their order. Throws `bad_request` naming an element that is no
 * point of the group, or is its identity; RangeError where the key is not one of `generateBlindKey`.
 */
export function evaluate(key: Uint8Array, blinded: readonly Uint8Array[]): Uint8Array[] {
  if (!isScalar(key)) throw new RangeError('not an evaluation key');
  return blinded.map((element, at) => {
    checkElement(element, `/blinded/${String(at)}`);
    return sodium.crypto_scalarmult_ristretto255(key, element);
  });
}

/** The output for `input`, 64 bytes. Throws `bad_request` where `evaluated` is no element of the group. */
export function finalize(input: Uint8Array, state: Uint8Array, evaluated: Uint8Array): Uint8Array {
  checkElement(evaluated, '/evaluated');
  const inverse = sodium.crypto_core_ristretto255_scalar_invert(state);
  const element = sodium.crypto_scalarmult_ristretto255(inverse, evaluated);
  return sodium.crypto_hash_sha512(
    join(twoBytes(input.length), input, twoBytes(element.length), element, finalizeTag),
  );
}

/**
 * RFC 9497 section 4.1: expand_message_xmd (RFC 9380 section 5.3.1) with SHA-512 to 64 bytes, which is one
 * block.
 */
function hashToGroup(input: Uint8Array): Uint8Array {
  if (input.length > inputBytesMax) throw new RangeError('input too long');
  const tag = join(hashToGroupTag, Uint8Array.of(hashToGroupTag.length));
  const first = sodium.crypto_hash_sha512(
    join(new Uint8Array(128), input, twoBytes(64), Uint8Array.of(0), tag),
  );
  return sodium.crypto_core_ristretto255_from_hash(
    sodium.crypto_hash_sha512(join(first, Uint8Array.of(1), tag)),
  );
}

function isScalar(bytes: Uint8Array): boolean {
  if (bytes.length !== 32 || sodium.is_zero(bytes)) return false;
  const wide = new Uint8Array(64);
  wide.set(bytes);
  return sodium.memcmp(sodium.crypto_core_ristretto255_scalar_reduce(wide), bytes);
}

function checkElement(bytes: Uint8Array, pointer: string): void {
  const sound =
    bytes.length === 32 && !sodium.is_zero(bytes) && sodium.crypto_core_ristretto255_is_valid_point(bytes);
  if (!sound) {
    throw new CausewayError('bad_request', { pointer, detail: 'An element of ristretto255 is required.' });
  }
}

function twoBytes(n: number): Uint8Array {
  return Uint8Array.of(n >> 8, n & 0xff);
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
