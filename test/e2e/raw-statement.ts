import { createPrivateKey, sign as signBytes } from 'node:crypto';
import { systemClock, systemRandom, seconds, uuidv7 } from '@causeway/kernel';
import { type PrivateJwk, kidOf } from '@causeway/protocol';

/** A statement taken apart, to be put together wrongly: what the SDK would never send. */
export interface RawStatement {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
}

const b64url = (text: string): string => Buffer.from(text).toString('base64url');

/** The Ed25519 signature over exactly these header and payload texts, whatever they say. */
export function signTexts(header: string, payload: string, key: PrivateJwk): string {
  const input = `${b64url(header)}.${b64url(payload)}`;
  const privateKey = createPrivateKey({ key: { ...key }, format: 'jwk' });
  return `${input}.${signBytes(null, Buffer.from(input), privateKey).toString('base64url')}`;
}

/** A validly signed compact JWS of any header and any claims. */
export function signRaw({ header, claims }: RawStatement, key: PrivateJwk): string {
  return signTexts(JSON.stringify(header), JSON.stringify(claims), key);
}

/** An inquiry that would be accepted, before a test spoils it. */
export function goodInquiry(parts: {
  member: string;
  key: PrivateJwk;
  subjectRef: string;
  consent: string;
  claims?: Record<string, unknown>;
}): RawStatement {
  const now = seconds(systemClock);
  const { kty, crv, x } = parts.key;
  return {
    header: { typ: 'causeway-inquiry+jws', alg: 'Ed25519', kid: kidOf(parts.member, { kty, crv, x }) },
    claims: {
      v: 1,
      fed: 'causeway-sandbox',
      iss: parts.member,
      aud: 'broker',
      jti: uuidv7(systemClock, systemRandom),
      iat: now,
      exp: now + 90,
      salt: Buffer.from(systemRandom.bytes(16)).toString('base64url'),
      subject_ref: parts.subjectRef,
      consent: parts.consent,
      purpose: 'LOAN_APPROVAL',
      categories: ['ACCOUNT_SUMMARY'],
      profile: 'report',
      operator: 'op-1',
      deadline: now + 30,
      delivery: 'merged',
      ...parts.claims,
    },
  };
}

/** A copy without one of its members, in the header or in the claims. */
export function without(statement: RawStatement, member: string): RawStatement {
  const drop = (from: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(from).filter(([name]) => name !== member));
  return { header: drop(statement.header), claims: drop(statement.claims) };
}
