import { bytesToNumberBE, concatBytes, numberToBytesBE } from '@noble/curves/utils.js';
import { sha256 } from '@noble/hashes/sha2.js';

// RSASSA-PKCS1-v1_5 (RFC 8017, section 8.2.2) in JavaScript alone, for the page form of `#crypto`.

/** The DER of a DigestInfo of SHA-256 up to the digest itself (RFC 8017, section 9.2, note 1). */
const digestInfo = Uint8Array.of(
  ...[0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01],
  ...[0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20],
);

/** Whether `signature` is one of `message` with SHA-256 under modulus `n` and exponent `e`; never throws. */
export function rsaVerify(n: Uint8Array, e: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const padding = n.length - digestInfo.length - 32 - 3;
  if (signature.length !== n.length || padding < 8) return false;
  const [modulus, value] = [bytesToNumberBE(n), bytesToNumberBE(signature)];
  if (value >= modulus) return false;
  const opened = numberToBytesBE(power(value, bytesToNumberBE(e), modulus), n.length);
  const filler = new Uint8Array(padding).fill(0xff);
  const expected = concatBytes(
    ...[Uint8Array.of(0, 1), filler, Uint8Array.of(0), digestInfo, sha256(message)],
  );
  return expected.every((byte, at) => byte === opened[at]);
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let [result, square] = [1n, base % modulus];
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}
