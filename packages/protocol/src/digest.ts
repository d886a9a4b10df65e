import { sha256Base64url } from '#crypto';
import { CausewayError } from './errors.ts';

/** 'sha-256:' and base64url of a SHA-256, 51 characters. */
export type Digest = `sha-256:${string}`;

/** The one spelling of 32 bytes in base64url: 43 characters, the last of which carries two zero bits. */
export const hash43Pattern = '[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]';
export const digestPattern = `^sha-256:${hash43Pattern}$`;

const digestExpression = new RegExp(digestPattern, 'u');

/** True for a digest in its one accepted spelling. */
export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && digestExpression.test(text);
}

/** The digest of any bytes; a string counts as its UTF-8. */
export function sha256Digest(data: Uint8Array | string): Digest {
  return `sha-256:${sha256Base64url(data)}`;
}

/**
 * The digest of a statement: over its signing input `header.payload` as received, so that another signature
 * over the same content has the same digest. Throws `statement_malformed` where there are not three parts.
 */
export function digestOf(jws: string): Digest {
  const first = jws.indexOf('.');
  const last = jws.lastIndexOf('.');
  if (first <= 0 || last === first || jws.indexOf('.', first + 1) !== last) {
    throw new CausewayError('statement_malformed', { detail: 'A statement has three parts.' });
  }
  return sha256Digest(jws.slice(0, last));
}
