import { prohibitedData } from '../categories.ts';
import { csvFields, jsonFields } from './fields.ts';
import type { Position, RawLine } from './line-splitter.ts';
import { LineSplitter, fileStart } from './line-splitter.ts';
import { mappedColumns } from './mapped-columns.ts';
import type { Mapping } from './mapping.ts';
import { LineFault, PublishingRefusal } from './refusal.ts';

/** The values of one line by column; undefined where there is none. */
export interface LineValues {
  get(column: string): string | undefined;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

// C0 except tab, DEL, and C1: no native code page puts meaning there, and logs and terminals do.
const control = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029\ufffe\uffff]/u;

/** Where a reading continues, and the columns that the header named (JSON Lines: none). */
export interface ReadState extends Position {
  readonly columns: readonly string[];
}

/**
 * Reads a file of the mapping's format, chunk by chunk, into lines. What it throws refuses the file whole;
 * faults of single lines come out of `values`. `from`: a state that this reader gave earlier for the same
 * file.
 */
export class FileReader {
  readonly #mapping: Mapping;
  readonly #splitter: LineSplitter;
  #columns: readonly string[] | undefined;
  #index = new Map<string, number>();
  #fresh: boolean;
  #dataStart: Position;

  constructor(mapping: Mapping, from?: ReadState) {
    this.#mapping = mapping;
    const delimiter = mapping.format === 'csv' ? (mapping.delimiter ?? ',') : undefined;
    this.#splitter = new LineSplitter(delimiter, from ?? fileStart);
    this.#fresh = (from?.offset ?? 0) === 0;
    this.#dataStart = from ?? fileStart;
    if (from) this.#setColumns(from.columns);
    else if (mapping.format === 'jsonl') this.#setColumns([]);
    else if (Array.isArray(mapping.header)) this.#setColumns(mapping.header);
  }

  /** The columns in file order, once known. */
  get columns(): readonly string[] | undefined {
    return this.#columns;
  }

  /** Where the data begin: behind the header, if there is one. */
  get dataStart(): Position {
    return { offset: this.#dataStart.offset, line: this.#dataStart.line };
  }

  /** The data lines that end within this chunk. @throws PublishingRefusal `header_unreadable` */
  feed(chunk: Uint8Array): RawLine[] {
    return this.#withoutHeader(this.#splitter.feed(chunk));
  }

  /**
   * The last line, where no line end follows it. @throws PublishingRefusal `file_truncated`,
   * `header_unreadable`
   */
  end(): RawLine[] {
    const last = this.#splitter.end();
    const lines = this.#withoutHeader(last ? [last] : []);
    if (this.#columns === undefined) throw header('The file is empty; its first line must name the columns.');
    for (const line of lines) this.#checkLast(line);
    return lines;
  }

  /** The values of one line. @throws LineFault */
  values(raw: RawLine): LineValues {
    const text = decode(raw);
    if (this.#mapping.format === 'jsonl') return checkNames(jsonFields(text));
    const fields = this.#split(text);
    const expected = this.#columns?.length ?? 0;
    if (fields.length !== expected) {
      const span = raw.lastLine > raw.line ? ` (lines ${raw.line} to ${raw.lastLine})` : '';
      throw new LineFault('columns', `The line has ${fields.length} columns, not ${expected}${span}.`);
    }
    return { get: (column) => fields[this.#index.get(column) ?? -1] };
  }

  #split(text: string): string[] {
    const { format, delimiter } = this.#mapping;
    return format === 'tsv' ? text.split('\t') : csvFields(text, delimiter ?? ',');
  }

  #withoutHeader(lines: RawLine[]): RawLine[] {
    const [first, ...rest] = lines;
    if (first === undefined) return lines;
    const line = this.#fresh ? { ...first, bytes: withoutMark(first.bytes) } : first;
    this.#fresh = false;
    if (this.#columns !== undefined) return [line, ...rest];
    this.#readHeader(line);
    return rest;
  }

  #readHeader(line: RawLine): void {
    if (line.openQuote) throw truncated('inside a quoted field of the header');
    let names: string[];
    try {
      names = this.#split(decode(line));
    } catch (error) {
      if (!(error instanceof LineFault)) throw error;
      throw header(`The header cannot be read: ${error.message}`);
    }
    if (names.includes('')) throw header('The header has a column without a name.');
    if (new Set(names).size !== names.length) throw header('The header names a column twice.');
    const missing = mappedColumns(this.#mapping).find(({ column }) => !names.includes(column));
    if (missing)
      throw header(
        `The header has no column "${missing.column}", which the mapping reads (${missing.pointer}).`,
      );
    const refused = names.find((name) => prohibitedData(name) !== undefined);
    if (refused !== undefined)
      throw header(`The column "${refused}" holds data that no bureau may collect; leave it out.`);
    this.#setColumns(names);
    this.#dataStart = { offset: line.end, line: line.lastLine + 1 };
  }

  #setColumns(columns: readonly string[]): void {
    this.#columns = columns;
    this.#index = new Map(columns.map((name, at) => [name, at]));
  }

  /** What stands behind the last line end is taken only if it can be a whole line. */
  #checkLast(line: RawLine): void {
    if (line.openQuote) throw truncated(`inside a quoted field that opens on line ${line.line}`);
    if (line.bytes === undefined) throw truncated(`in the middle of line ${line.line}`);
    try {
      this.values(line);
    } catch (error) {
      if (!(error instanceof LineFault)) throw error;
      const partial: readonly string[] = ['encoding', 'json', 'quote'];
      const short = error.rule === 'columns' && this.#isShort(line);
      if (partial.includes(error.rule) || short) throw truncated(`in the middle of line ${line.line}`);
    }
  }

  #isShort(line: RawLine): boolean {
    return this.#split(decode(line)).length < (this.#columns?.length ?? 0);
  }
}

function decode({ bytes }: RawLine): string {
  if (bytes === undefined) throw new LineFault('line_too_long', 'The line is longer than 65536 bytes.');
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new LineFault('encoding', 'The line is not valid UTF-8.');
  }
  if (control.test(text)) throw new LineFault('characters', 'The line holds a control character.');
  return text;
}

function checkNames(fields: ReadonlyMap<string, string | undefined>): LineValues {
  for (const name of fields.keys()) {
    if (prohibitedData(name) !== undefined) {
      throw new LineFault('prohibited_category', 'The member holds data that no bureau may collect.', name);
    }
  }
  return fields;
}

/** A UTF-8 byte order mark before the first line says nothing that is not known. */
function withoutMark(bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes?.[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

const header = (message: string): PublishingRefusal => new PublishingRefusal('header_unreadable', message);

const truncated = (where: string): PublishingRefusal =>
  new PublishingRefusal('file_truncated', `The file ends ${where}. Nothing of it was taken; send all of it.`);
