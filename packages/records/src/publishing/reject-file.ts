import type { Encoding } from '../encodings.ts';
import { decodeStrict } from '../encodings.ts';
import { FileReader } from './file-reader.ts';
import type { RawLine } from './line-splitter.ts';
import type { Mapping } from './mapping.ts';
import { publishingRules } from './rules.ts';

/** A rejection as it may come from another version of these rules. */
export interface ToldRejection {
  readonly line: number;
  readonly column: string | null;
  readonly pointer: string | null;
  readonly rule: string;
  readonly message: string;
}

/**
 * A rejected line as it goes back to those who wrote it: which rule it broke, where the mapping says so, what
 * to do, and the line itself. It holds the values, so it stays with the publisher.
 */
export interface RejectedLine extends ToldRejection {
  readonly fix: string;
  /** The line as it was; in base64 where it is not of its encoding. */
  readonly original?: string;
  readonly original_base64?: string;
}

const fixes = new Map<string, string>(
  Object.entries(publishingRules).map(([rule, { fix }]) => [rule, fix.en]),
);

/** The entry of a reject file for one line. */
export function rejectedLine(rejection: ToldRejection, raw: RawLine, encoding: Encoding): RejectedLine {
  const { line, rule, column, pointer, message } = rejection;
  const told = { line, rule, column, pointer, message, fix: fixes.get(rule) ?? '' };
  return raw.bytes === undefined ? told : { ...told, ...originalOf(raw.bytes, encoding) };
}

function originalOf(
  bytes: Uint8Array,
  encoding: Encoding,
): { original: string } | { original_base64: string } {
  try {
    return { original: decodeStrict(bytes, encoding) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { original_base64: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')) };
  }
}

/**
 * The lines of a file that a bureau has rejected, which keeps none of their values: found again in the file,
 * one after the other. Both come in the order of the file.
 */
export async function* rejectedLines(
  mapping: Mapping,
  chunks: AsyncIterable<Uint8Array>,
  rejections: AsyncIterable<ToldRejection>,
): AsyncGenerator<RejectedLine> {
  const reader = new FileReader(mapping);
  const told = rejections[Symbol.asyncIterator]();
  let next = await told.next();
  const found = async function* (lines: readonly RawLine[]): AsyncGenerator<RejectedLine> {
    for (const raw of lines) {
      if (next.done || next.value.line !== raw.line) continue;
      yield rejectedLine(next.value, raw, mapping.encoding);
      next = await told.next();
    }
  };
  for await (const chunk of chunks) yield* found(reader.feed(chunk));
  yield* found(reader.end());
}
