import { prohibitedData } from '../categories.ts';
import { decodeLine } from './decode-line.ts';
import { csvFields } from './fields.ts';
import { headerRefusal, truncated, withoutMark } from './format-reader.ts';
import type { FormatReader, ReadState } from './format-reader.ts';
import type { Position, RawLine } from './line-splitter.ts';
import { fileStart, LineSplitter } from './line-splitter.ts';
import { mappedColumns } from './mapped-columns.ts';
import type { Mapping } from './mapping.ts';
import { LineFault } from './refusal.ts';
import { columnIndex } from './row.ts';
import type { ColumnIndex, Row } from './row.ts';

/** Reads CSV and tab-separated files, with or without a header line. */
export class DelimitedReader implements FormatReader {
  readonly #mapping: Mapping;
  readonly #splitter: LineSplitter;
  #columns: readonly string[] | undefined;
  #index: ColumnIndex = columnIndex([]);
  #fresh: boolean;
  #dataStart: Position;

  constructor(mapping: Mapping, from?: ReadState) {
    this.#mapping = mapping;
    const multibyte = mapping.encoding !== 'utf-8';
    const quoting = mapping.format === 'csv' ? { delimiter: mapping.delimiter ?? ',', multibyte } : undefined;
    this.#splitter = new LineSplitter(quoting, from ?? fileStart);
    this.#fresh = (from?.offset ?? 0) === 0;
    this.#dataStart = from ?? fileStart;
    if (from) this.#setColumns(from.columns);
    else if (Array.isArray(mapping.header)) this.#setColumns(mapping.header);
  }

  get columns(): readonly string[] | undefined {
    return this.#columns;
  }

  get names(): readonly string[] {
    return this.#columns ?? [];
  }

  get dataStart(): Position {
    return { offset: this.#dataStart.offset, line: this.#dataStart.line };
  }

  get index(): ColumnIndex {
    return this.#index;
  }

  feed(chunk: Uint8Array): RawLine[] {
    return this.#withoutHeader(this.#splitter.feed(chunk));
  }

  end(): RawLine[] {
    const last = this.#splitter.end();
    const lines = this.#withoutHeader(last ? [last] : []);
    if (this.#columns === undefined)
      throw headerRefusal('The file is empty; its first line must name the columns.');
    for (const line of lines) this.#checkLast(line);
    return lines;
  }

  row(raw: RawLine): Row {
    const fields = this.#split(decodeLine(raw.bytes, this.#mapping.encoding));
    const expected = this.#columns?.length ?? 0;
    if (fields.length !== expected) {
      const span = raw.lastLine > raw.line ? ` (lines ${raw.line} to ${raw.lastLine})` : '';
      throw new LineFault('columns', `The line has ${fields.length} columns, not ${expected}${span}.`);
    }
    return fields;
  }

  #split(text: string): string[] {
    const { format, delimiter } = this.#mapping;
    return format === 'tsv' ? text.split('\t') : csvFields(text, delimiter ?? ',');
  }

  #withoutHeader(lines: RawLine[]): RawLine[] {
    if (this.#columns !== undefined && !this.#fresh) return lines;
    const [first, ...rest] = lines;
    if (first === undefined) return lines;
    const line = this.#fresh && this.#mapping.encoding === 'utf-8' ? unmarked(first) : first;
    this.#fresh = false;
    if (this.#columns !== undefined) return [line, ...rest];
    this.#readHeader(line);
    return rest;
  }

  #readHeader(line: RawLine): void {
    if (line.openQuote) throw truncated('inside a quoted field of the header');
    let names: string[];
    try {
      names = this.#split(decodeLine(line.bytes, this.#mapping.encoding));
    } catch (error) {
      if (!(error instanceof LineFault)) throw error;
      throw headerRefusal(`The header cannot be read: ${error.message}`);
    }
    checkNames(names, this.#mapping);
    this.#setColumns(names);
    this.#dataStart = { offset: line.end, line: line.lastLine + 1 };
  }

  #setColumns(columns: readonly string[]): void {
    this.#columns = columns;
    this.#index = columnIndex(columns);
  }

  /** What stands behind the last line end is taken only if it can be a whole line. */
  #checkLast(line: RawLine): void {
    if (line.openQuote) throw truncated(`inside a quoted field that opens on line ${line.line}`);
    if (line.bytes === undefined) throw truncated(`in the middle of line ${line.line}`);
    try {
      this.row(line);
    } catch (error) {
      if (!(error instanceof LineFault)) throw error;
      const partial = error.rule === 'encoding' || error.rule === 'quote';
      const short = error.rule === 'columns' && this.#isShort(line);
      if (partial || short) throw truncated(`in the middle of line ${line.line}`);
    }
  }

  #isShort(line: RawLine): boolean {
    const { encoding } = this.#mapping;
    return this.#split(decodeLine(line.bytes, encoding)).length < (this.#columns?.length ?? 0);
  }
}

const unmarked = (line: RawLine): RawLine => ({ ...line, bytes: withoutMark(line.bytes) });

/** @throws PublishingRefusal `header_unreadable` */
function checkNames(names: readonly string[], mapping: Mapping): void {
  if (names.includes('')) throw headerRefusal('The header has a column without a name.');
  if (new Set(names).size !== names.length) throw headerRefusal('The header names a column twice.');
  const missing = mappedColumns(mapping).find(({ column }) => !names.includes(column));
  if (missing)
    throw headerRefusal(
      `The header has no column "${missing.column}", which the mapping reads (${missing.pointer}).`,
    );
  const refused = names.find((name) => prohibitedData(name) !== undefined);
  if (refused !== undefined)
    throw headerRefusal(`The column "${refused}" holds data that no bureau may collect; leave it out.`);
}
