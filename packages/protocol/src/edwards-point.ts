/** The field of Curve25519 and the constant of edwards25519 (RFC 8032 section 5.1). */
const p = 2n ** 255n - 19n;
const d = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;

/** The y coordinate of two of the points of order 8; of the other two it is the negative. */
const orderEightY = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;

/** The y coordinates of the eight points whose order divides 8. */
const smallOrderY = new Set([0n, 1n, p - 1n, orderEightY, p - orderEightY]);

/**
 * Why 32 bytes are no sound Ed25519 public key, or undefined when they are: a non-canonical encoding (y >=
 * p), a point of small order, or no point of the curve. Costs about a millisecond; for enrolment, not for
 * each signature.
 */
export function edwardsPointProblem(bytes: Uint8Array): string | undefined {
  if (bytes.length !== 32) return 'x must be 32 bytes.';
  let y = 0n;
  for (let i = 31; i >= 0; i -= 1) y = (y << 8n) | BigInt(bytes[i] ?? 0);
  y &= (1n << 255n) - 1n;
  if (y >= p) return 'x is not a canonical point encoding.';
  if (smallOrderY.has(y)) return 'x is a point of small order.';
  const square = (y * y) % p;
  const numerator = (square - 1n + p) % p;
  const denominator = (d * square + 1n) % p;
  const ratio = (numerator * power(denominator, p - 2n)) % p;
  return power(ratio, (p - 1n) / 2n) === 1n ? undefined : 'x is not a point of the curve.';
}

function power(base: bigint, exponent: bigint): bigint {
  let out = 1n;
  let square = base % p;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) out = (out * square) % p;
    square = (square * square) % p;
  }
  return out;
}
