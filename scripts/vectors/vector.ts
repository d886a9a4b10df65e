import { LedgerError, type LedgerErrorCode } from '@causeway/ledger';
import { concat, decodeBase64, encodeBase64, utf8 } from '@causeway/ledger/bytes';

type Value = string | number | readonly Value[] | { readonly [name: string]: Value };
/** What a vector holds: JSON, with hashes and keys as base64. */
export type Values = Readonly<Record<string, Value>>;

/**
 * Bytes that are sent: a text, or pieces of text each so many times, or, where they are no text, base64.
 */
export type Sent = string | { readonly base64: string } | { readonly pieces: readonly [string, number][] };

export type Outcome = { readonly shown: Values } | { readonly refused: LedgerErrorCode };
/** One test: its title, what is given, and what that shows or the code with which it is refused. */
export type Vector = { readonly comment: string; readonly given: Values } & Outcome;

/** One file of vectors. What is in `common` is given to each vector that does not give its own. */
export interface VectorFile {
  readonly about: string;
  readonly common: Values;
  readonly vectors: readonly Vector[];
}

/** An implementation of one format: what it makes of what is given. Throws a `LedgerError`. */
export type Judge = (given: Values) => Values;

/** A judge of what is given in one form. */
export function judge<G>(judged: (given: G) => Values): Judge {
  return (given) => judged(given as unknown as G);
}

/**
 * Makes vectors from what a judge finds. Whoever writes one says beforehand what it is to be: 'shown', or a
 * code; where the judge finds another, no file is written.
 */
export function vectorsBy(
  judged: Judge,
  common: Values = {},
): (comment: string, expected: 'shown' | LedgerErrorCode, given: Values) => Vector {
  return (comment, expected, given) => {
    const outcome = outcomeOf(judged, { ...common, ...given });
    const found = 'refused' in outcome ? outcome.refused : 'shown';
    if (found !== expected) throw new Error(`${comment}: ${found}, not ${expected}`);
    return { comment, given, ...outcome };
  };
}

/** What a judge makes of what is given. */
export function outcomeOf(judged: Judge, given: Values): Outcome {
  try {
    return { shown: judged(given) };
  } catch (error) {
    if (error instanceof LedgerError) return { refused: error.code };
    throw error;
  }
}

/** The bytes that are sent. */
export function sentBytes(sent: Sent): Uint8Array {
  if (typeof sent === 'string') return utf8(sent);
  if ('base64' in sent) return decodeBase64(sent.base64);
  return utf8(sent.pieces.map(([text, times]) => text.repeat(times)).join(''));
}

/** Bytes that are no text, as they are written into a vector. */
export function sentAsBase64(...parts: readonly Uint8Array[]): { readonly base64: string } {
  return { base64: encodeBase64(concat(...parts)) };
}
