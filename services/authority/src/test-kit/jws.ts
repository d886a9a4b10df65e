import { encodeBase64url } from '@causeway/protocol/base64url';
import { type PrivateJwk, signingKeyFromJwk } from '@causeway/protocol/keys';
import { suites } from '@causeway/protocol/suite';

const encoder = new TextEncoder();

/** One part of a JWS: JSON in base64url. */
export const part = (value: unknown): string => encodeBase64url(encoder.encode(JSON.stringify(value)));

/** An Ed25519 signature over text, base64url. */
export function signatureOf(key: PrivateJwk, input: string): string {
  return encodeBase64url(suites.Ed25519.sign(signingKeyFromJwk('anybody', key).private, input));
}

/** A compact JWS with exactly this header. */
export function compactJws(key: PrivateJwk, header: object, payload: unknown): string {
  const input = `${part(header)}.${part(payload)}`;
  return `${input}.${signatureOf(key, input)}`;
}
