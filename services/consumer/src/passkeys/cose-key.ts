import { CausewayError, encodeBase64url, type PasskeyJwk } from '@causeway/protocol';
import { decodeCredentialPublicKey } from '@simplewebauthn/server/helpers';

/** Labels and values of COSE keys (RFC 9052, section 7; RFC 9053; RFC 8230). */
const label = { kty: 1, alg: 3, crv: -1, x: -2, y: -3, n: -1, e: -2 } as const;
const kind = { okp: 1, ec2: 2, rsa: 3 } as const;
const curve = { p256: 1, ed25519: 6 } as const;
const algorithm = { ES256: -7, EdDSA: -8, RS256: -257 } as const;

/** The signatures that a passkey may be made for, the preferred first. */
export const algorithmIds = [algorithm.EdDSA, algorithm.ES256, algorithm.RS256];

/** The key of a new credential as enrolments have it. @throws CausewayError weak_key: of another kind */
export function jwkOfCose(cose: Uint8Array<ArrayBuffer>): PasskeyJwk {
  const key = decodeCredentialPublicKey(cose) as unknown as ReadonlyMap<number, unknown>;
  const is = (name: keyof typeof label, value: number): boolean => key.get(label[name]) === value;
  const part = (name: keyof typeof label): string => {
    const bytes = key.get(label[name]);
    return encodeBase64url(bytes instanceof Uint8Array ? bytes : new Uint8Array());
  };
  if (is('kty', kind.ec2) && is('crv', curve.p256) && is('alg', algorithm.ES256))
    return { kty: 'EC', crv: 'P-256', x: part('x'), y: part('y') };
  if (is('kty', kind.okp) && is('crv', curve.ed25519) && is('alg', algorithm.EdDSA))
    return { kty: 'OKP', crv: 'Ed25519', x: part('x') };
  if (is('kty', kind.rsa) && part('e') === 'AQAB' && is('alg', algorithm.RS256))
    return { kty: 'RSA', n: part('n'), e: 'AQAB' };
  throw new CausewayError('weak_key', { detail: 'A passkey has a key of P-256, Ed25519 or RSA.' });
}
