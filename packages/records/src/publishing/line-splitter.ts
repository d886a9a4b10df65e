import type { Row } from './row.ts';
import type { LineFault } from './refusal.ts';

/** One record of a file as bytes: a line, or with CSV quotes several. Numbers are those of the whole file. */
export interface RawLine {
  /** Physical line on which the record starts, from 1; in XML and without line ends the record's number. */
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
  /** What reading it came to, where the format can be cut into records only by reading it (XML). */
  readonly read?: Row | LineFault;
}

/** Bytes of one record; a longer one is rejected without being kept. */
export const recordBytesMax = 65_536;

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
/** The least lead byte of GBK and GB 18030; the trail byte behind it may look like ASCII from 0x30 on. */
const LEAD = 0x81;

const FIELD_START = 0;
const PLAIN = 1;
const QUOTED = 2;
const QUOTE_IN_QUOTED = 3;

/** Where a reading continues: the offset of the next record and the number of its first line. */
export interface Position {
  readonly offset: number;
  readonly line: number;
}

export const fileStart: Position = { offset: 0, line: 1 };

/** What lets a line end be part of a record: the quotes of CSV. */
interface Quoting {
  readonly delimiter: string;
  /** True in an encoding whose trail bytes may look like a delimiter. */
  readonly multibyte: boolean;
}

/**
 * Cuts a byte stream into records at LF or CRLF; with `quoting` (CSV) a line end inside quotes does not
 * count (RFC 4180). It works on bytes, so that an undecodable byte spoils its own line only. Memory is
 * bounded by `recordBytesMax`, whatever arrives. Empty lines are left out.
 */
export class LineSplitter {
  readonly #delimiter: number | undefined;
  readonly #multibyte: boolean;
  #parts: Uint8Array[] = [];
  #length = 0;
  #state = FIELD_START;
  #trail = false;
  #offset: number;
  #firstLine: number;
  #line: number;

  constructor(quoting?: Quoting, from: Position = fileStart) {
    this.#delimiter = quoting?.delimiter.charCodeAt(0);
    this.#multibyte = quoting?.multibyte ?? false;
    this.#offset = from.offset;
    this.#firstLine = from.line;
    this.#line = from.line;
  }

  /** The records that end within this chunk. The chunk may be reused by the caller afterwards. */
  feed(received: Uint8Array): RawLine[] {
    const chunk = received.slice();
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
      const byte = chunk[at] ?? 0;
      if (byte === LF) {
        this.#trail = false;
        if (this.#state !== QUOTED) return at;
        this.#line += 1;
      } else if (this.#trail) {
        this.#trail = false;
      } else {
        this.#trail = this.#multibyte && byte >= LEAD;
        this.#state = nextState(this.#state, byte, this.#delimiter);
      }
    }
    return -1;
  }

  #keep(part: Uint8Array): void {
    // One byte more than the bound is kept track of, for the CR of a line end.
    if (this.#length <= recordBytesMax + 1) this.#parts.push(part);
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
    const openQuote = !terminated && this.#state === QUOTED;
    if (bytes === undefined || bytes.length > 0) {
      out.push({ line: this.#firstLine, lastLine: this.#line, end, bytes, terminated, openQuote });
    }
    this.#line += 1;
    this.#firstLine = this.#line;
    this.#parts = [];
    this.#length = 0;
    this.#state = FIELD_START;
    this.#trail = false;
  }
}

function nextState(state: number, byte: number, delimiter: number): number {
  if (state === QUOTED) return byte === QUOTE ? QUOTE_IN_QUOTED : QUOTED;
  if (byte === delimiter) return FIELD_START;
  if (byte === QUOTE && state !== PLAIN) return QUOTED;
  return PLAIN;
}

/** The parts as one; a single part is given back as it is. */
export function join(parts: readonly Uint8Array[], length: number): Uint8Array {
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
