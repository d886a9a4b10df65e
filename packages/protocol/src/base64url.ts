import { bytesFromBase64url, bytesToBase64url } from '#crypto';
import { CausewayError } from './errors.ts';

/** Bytes as base64url without padding (RFC 4648 section 5). */
export function encodeBase64url(bytes: Uint8Array): string {
  return bytesToBase64url(bytes);
}

/**
 * The bytes of a base64url text in its one accepted spelling: no padding, no white space, no `+/`, spare bits
 * zero. Throws `statement_malformed` for any other: lenient decoders let 16 spellings of one signature pass.
 */
export function decodeBase64url(text: string, pointer?: string): Uint8Array {
  const bytes = bytesFromBase64url(text);
  if (bytesToBase64url(bytes) !== text) {
    throw new CausewayError('statement_malformed', {
      detail: 'base64url without padding, white space or spare bits is required.',
      ...(pointer === undefined ? {} : { pointer }),
    });
  }
  return bytes;
}
