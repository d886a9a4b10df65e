/** The field of P-256 and the constant b of its curve y² = x³ - 3x + b (FIPS 186-5, SP 800-186). */
const p = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const b = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/** Whether two times 32 bytes are a point of the curve. Its order is prime, so that each is sound. */
export function isP256Point(xBytes: Uint8Array, yBytes: Uint8Array): boolean {
  const [x, y] = [numberOf(xBytes), numberOf(yBytes)];
  if (xBytes.length !== 32 || yBytes.length !== 32 || x >= p || y >= p) return false;
  return (x * x * x - 3n * x + b - y * y) % p === 0n;
}

function numberOf(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}
