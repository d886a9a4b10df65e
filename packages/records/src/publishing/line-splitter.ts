/** One record of a file as bytes: a line, or with CSV quotes several. Numbers are those of the whole file. */
export interface RawLine {
  /** Physical line on which the record starts, from 1. */
  readonly line: number;
  /** Physical line on which it ends. */
  readonly lastLine: number;
  /** Offset just behind the record and its line end: where reading may resume. */
  readonly end: number;
  /** Without the line end; undefined where the record is longer than the bound. */
  readonly bytes: Uint8Array | undefined;
  /** False for what stands behind the last line end. */
  readonly terminated: boolean;
  /** True where the file ends inside a quoted field. */
  readonly openQuote: boolean;
}

/** Bytes of one record; a longer one is rejected without being kept. */
export const recordBytesMax = 65_536;

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;

type QuoteState = 'field_start' | 'plain' | 'quoted' | 'quote_in_quoted';

/** Where a reading continues: the offset of the next record and the number of its first line. */
export interface Position {
  readonly offset: number;
  readonly line: number;
}

export const fileStart: Position = { offset: 0, line: 1 };

/**
 * Cuts a byte stream into records at LF or CRLF; with `delimiter` (CSV) a line end inside quotes does not
 * count (RFC 4180). It works on bytes, so that an undecodable byte spoils its own line only. Memory is
 * bounded by `recordBytesMax`, whatever arrives. Empty lines are left out.
 */
export class LineSplitter {
  readonly #delimiter: number | undefined;
  #parts: Uint8Array[] = [];
  #length = 0;
  #state: QuoteState = 'field_start';
  #offset: number;
  #firstLine: number;
  #line: number;

  constructor(delimiter: string | undefined, from: Position = fileStart) {
    this.#delimiter = delimiter?.charCodeAt(0);
    this.#offset = from.offset;
    this.#firstLine = from.line;
    this.#line = from.line;
  }

  /** The records that end within this chunk. The chunk may be reused by the caller afterwards. */
  feed(chunk: Uint8Array): RawLine[] {
    const out: RawLine[] = [];
    let start = 0;
    for (;;) {
      const end = this.#recordEnd(chunk, start);
      this.#keep(chunk.subarray(start, end < 0 ? chunk.length : end));
      if (end < 0) break;
      start = end + 1;
      this.#emit(out, this.#offset + start, true);
    }
    this.#offset += chunk.length;
    return out;
  }

  /** What stands behind the last line end, if anything. */
  end(): RawLine | undefined {
    const out: RawLine[] = [];
    if (this.#length > 0) this.#emit(out, this.#offset, false);
    return out[0];
  }

  /** Index of the LF that ends the present record, or -1. */
  #recordEnd(chunk: Uint8Array, from: number): number {
    if (this.#delimiter === undefined) return chunk.indexOf(LF, from);
    for (let at = from; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (byte === LF) {
        if (this.#state !== 'quoted') return at;
        this.#line += 1;
      } else {
        this.#state = nextState(this.#state, byte, this.#delimiter);
      }
    }
    return -1;
  }

  #keep(part: Uint8Array): void {
    // One byte more than the bound is kept track of, for the CR of a line end.
    if (this.#length <= recordBytesMax + 1) this.#parts.push(part.slice());
    else this.#parts.length = 0;
    this.#length += part.length;
  }

  #emit(out: RawLine[], end: number, terminated: boolean): void {
    let bytes: Uint8Array | undefined;
    if (this.#length <= recordBytesMax + 1) {
      bytes = join(this.#parts, this.#length);
      if (bytes.at(-1) === CR) bytes = bytes.subarray(0, -1);
      if (bytes.length > recordBytesMax) bytes = undefined;
    }
    const openQuote = !terminated && this.#state === 'quoted';
    if (bytes === undefined || bytes.length > 0) {
      out.push({ line: this.#firstLine, lastLine: this.#line, end, bytes, terminated, openQuote });
    }
    this.#line += 1;
    this.#firstLine = this.#line;
    this.#parts = [];
    this.#length = 0;
    this.#state = 'field_start';
  }
}

function nextState(state: QuoteState, byte: number | undefined, delimiter: number): QuoteState {
  if (state === 'quoted') return byte === QUOTE ? 'quote_in_quoted' : 'quoted';
  if (byte === delimiter) return 'field_start';
  if (byte === QUOTE && state !== 'plain') return 'quoted';
  return 'plain';
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
