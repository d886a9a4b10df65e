import { bytesFromBase64, bytesToBase64 } from '#crypto';
import { LedgerError } from './ledger-error.ts';

const encoder = new TextEncoder();
// A byte order mark is part of what was signed: it stays.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The UTF-8 of a text. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/**
 * The text that was received, as a string, at most `bytesMax` long in UTF-8. Throws `malformed` where it is
 * longer or no UTF-8, a string with a lone surrogate included.
 */
export function textOf(received: Uint8Array | string, bytesMax: number): string {
  if (received.length > bytesMax) throw new LedgerError('malformed', 'The text is too long.');
  if (typeof received !== 'string') return decode(received);
  if (!received.isWellFormed()) throw new LedgerError('malformed', 'The text is not valid UTF-8.');
  if (utf8(received).length > bytesMax) throw new LedgerError('malformed', 'The text is too long.');
  return received;
}

function decode(received: Uint8Array): string {
  try {
    return decoder.decode(received);
  } catch {
    throw new LedgerError('malformed', 'The text is not valid UTF-8.');
  }
}

/** Standard base64 with padding (RFC 4648 section 4). */
export function encodeBase64(bytes: Uint8Array): string {
  return bytesToBase64(bytes);
}

/**
 * The bytes of a base64 text in its one spelling: padded, no white space, spare bits zero. Throws `malformed`
 * for any other.
 */
export function decodeBase64(text: string): Uint8Array {
  const bytes = bytesFromBase64(text);
  if (bytes === null || bytesToBase64(bytes) !== text) {
    throw new LedgerError(
      'malformed',
      'Base64 with padding, without white space or spare bits, is required.',
    );
  }
  return bytes;
}

/** The 32 bytes of a hash in base64. Throws `malformed`. */
export function decodeHash(text: string): Uint8Array {
  const bytes = decodeBase64(text);
  if (bytes.length !== 32) throw new LedgerError('malformed', 'A hash has 32 bytes.');
  return bytes;
}

/** A decimal without sign or leading zero, at most 2^53 - 1. Throws `malformed`. */
export function decodeNumber(text: string): number {
  const value = /^(0|[1-9][0-9]{0,15})$/u.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) {
    throw new LedgerError('malformed', 'A decimal without leading zeros, below 2^53, is required.');
  }
  return value;
}

/** One array with the bytes of all. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Whether two arrays hold the same bytes. What is compared is public: it may take as long as it takes. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
