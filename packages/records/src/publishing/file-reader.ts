import { DelimitedReader } from './delimited-reader.ts';
import { FixedReader } from './fixed-reader.ts';
import type { FormatReader, ReadState } from './format-reader.ts';
import { JsonLinesReader } from './json-lines-reader.ts';
import type { Position, RawLine } from './line-splitter.ts';
import type { Mapping } from './mapping.ts';
import type { ColumnIndex, Row } from './row.ts';
import { XmlReader } from './xml-reader.ts';

/**
 * Reads a file of the mapping's format, chunk by chunk, into lines. What it throws refuses the file whole;
 * faults of single lines come out of `row`. `from`: a state that this reader gave earlier for the same file.
 */
export class FileReader {
  readonly #reader: FormatReader;

  constructor(mapping: Mapping, from?: ReadState) {
    this.#reader = readerOf(mapping, from);
  }

  /** The columns that the header named, once known; none in a format without a header. */
  get columns(): readonly string[] | undefined {
    return this.#reader.columns;
  }

  /** Where the data begin: behind the header, if there is one. */
  get dataStart(): Position {
    return this.#reader.dataStart;
  }

  /** The names of the columns of a row, in their order; none before they are known. */
  get names(): readonly string[] {
    return this.#reader.names;
  }

  /** The place of each column in a row; once the columns are known. */
  get index(): ColumnIndex {
    return this.#reader.index;
  }

  /**
   * The data lines that end within this chunk.
   * @throws PublishingRefusal `header_unreadable`, `file_malformed`, `totals_mismatch`
   */
  feed(chunk: Uint8Array): RawLine[] {
    return this.#reader.feed(chunk);
  }

  /**
   * The last line, where no line end follows it. @throws PublishingRefusal as `feed`, and `file_truncated`
   */
  end(): RawLine[] {
    return this.#reader.end();
  }

  /** The columns of one line, as `index` says. @throws LineFault */
  row(raw: RawLine): Row {
    return this.#reader.row(raw);
  }
}

function readerOf(mapping: Mapping, from: ReadState | undefined): FormatReader {
  switch (mapping.format) {
    case 'csv':
    case 'tsv':
      return new DelimitedReader(mapping, from);
    case 'jsonl':
      return new JsonLinesReader(mapping, from);
    case 'xml':
      return new XmlReader(mapping, from);
    case 'fixed':
      return new FixedReader(mapping, from);
  }
}
