import type { Position, RawLine } from './line-splitter.ts';
import { fileStart, join } from './line-splitter.ts';

/** Cuts a byte stream into records of one length without line ends. A record's number is its line. */
export class FixedSplitter {
  readonly #bytes: number;
  #rest: Uint8Array = new Uint8Array();
  #offset: number;
  #line: number;

  constructor(recordBytes: number, from: Position = fileStart) {
    this.#bytes = recordBytes;
    this.#offset = from.offset;
    this.#line = from.line;
  }

  feed(received: Uint8Array): RawLine[] {
    const chunk = join([this.#rest, received], this.#rest.length + received.length);
    const out: RawLine[] = [];
    let at = 0;
    for (; chunk.length - at >= this.#bytes; at += this.#bytes)
      out.push(this.#record(chunk.subarray(at, at + this.#bytes), true));
    this.#rest = chunk.subarray(at);
    return out;
  }

  /** The bytes that are less than a record. */
  end(): RawLine | undefined {
    return this.#rest.length === 0 ? undefined : this.#record(this.#rest, false);
  }

  #record(bytes: Uint8Array, terminated: boolean): RawLine {
    this.#offset += bytes.length;
    const line = this.#line;
    this.#line += 1;
    return { line, lastLine: line, end: this.#offset, bytes, terminated, openQuote: false };
  }
}
