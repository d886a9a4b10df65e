import { CausewayError } from '@causeway/protocol/errors';
import type forge from 'node-forge';

/** Smallest and largest modulus that is enrolled; the upper bound keeps one request from costing seconds. */
const MODULUS_BITS_MIN = 2048;
const MODULUS_BITS_MAX = 4096;
const EXPONENT = 65_537;

/**
 * Refuses an RSA key that forgers can use: a short modulus, an exponent other than 65537 (with e = 1 every
 * message is its own signature), an even modulus.
 * @throws CausewayError `weak_key`
 */
export function checkRsaKey(key: forge.pki.rsa.PublicKey): void {
  const bits = key.n.bitLength();
  const refuse = (detail: string) => {
    throw new CausewayError('weak_key', { detail, pointer: '/csr' });
  };
  if (bits < MODULUS_BITS_MIN)
    refuse(`An RSA key needs at least ${MODULUS_BITS_MIN} bits; this one has ${bits}.`);
  if (bits > MODULUS_BITS_MAX) refuse(`An RSA key may have at most ${MODULUS_BITS_MAX} bits.`);
  if (key.e.toString(10) !== String(EXPONENT)) refuse('The public exponent of an RSA key must be 65537.');
  if (!key.n.testBit(0)) refuse('The modulus of an RSA key is odd.');
}
