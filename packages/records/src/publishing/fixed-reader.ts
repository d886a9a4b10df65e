import type { Encoding } from '../encodings.ts';
import { characterStarts } from '../encodings.ts';
import { decodeBytes, decodeLine } from './decode-line.ts';
import { FixedSplitter } from './fixed-splitter.ts';
import { FixedTotals, placeText } from './fixed-totals.ts';
import { headerRefusal, truncated } from './format-reader.ts';
import type { FormatReader, ReadState } from './format-reader.ts';
import type { FixedLayout } from './layout.ts';
import type { Position, RawLine } from './line-splitter.ts';
import { fileStart, LineSplitter } from './line-splitter.ts';
import type { Mapping } from './mapping.ts';
import { LineFault, PublishingRefusal } from './refusal.ts';
import { columnIndex } from './row.ts';
import type { ColumnIndex, Row } from './row.ts';

type Column = FixedLayout['columns'][number];

/** What a record is by its type: data is also whatever has no known type, which `row` refuses. */
type RecordRole = 'header' | 'data' | 'trailer' | 'unknown';

/**
 * Reads files of fixed width. Places are bytes; a column that begins or ends inside a character loses its
 * line. Header and trailer are told apart by the type of the record, and the totals of the trailer are
 * checked in every reading from the beginning of the file.
 */
export class FixedReader implements FormatReader {
  readonly columns: readonly string[] = [];
  readonly names: readonly string[];
  readonly index: ColumnIndex;
  readonly #layout: FixedLayout;
  readonly #encoding: Encoding;
  readonly #splitter: LineSplitter | FixedSplitter;
  readonly #totals: FixedTotals | undefined;
  readonly #whole: boolean;
  #dataStart: Position;
  #seen = 0;
  #ended = false;

  constructor(mapping: Mapping, from: ReadState | undefined) {
    if (!mapping.fixed) throw new RangeError('a mapping that was not checked');
    const { columns, line_end, record_bytes, totals } = mapping.fixed;
    this.#layout = mapping.fixed;
    this.#encoding = mapping.encoding;
    const start = from ?? fileStart;
    this.#splitter =
      line_end === 'none' ? new FixedSplitter(record_bytes, start) : new LineSplitter(undefined, start);
    this.#whole = start.offset === 0;
    this.#dataStart = { offset: start.offset, line: start.line };
    this.#totals = totals && this.#whole ? new FixedTotals(totals, columns) : undefined;
    this.names = columns.map(({ name }) => name);
    this.index = columnIndex(this.names);
  }

  get dataStart(): Position {
    return this.#dataStart;
  }

  feed(chunk: Uint8Array): RawLine[] {
    return this.#data(this.#splitter.feed(chunk));
  }

  end(): RawLine[] {
    const last = this.#splitter.end();
    if (last && (last.bytes?.length ?? 0) < this.#layout.record_bytes)
      throw truncated(`in the middle of record ${last.line}`);
    const lines = this.#data(last ? [last] : []);
    const { type } = this.#layout;
    if (this.#whole && type?.header !== undefined && this.#seen === 0)
      throw headerRefusal('The file is empty; its first record must be the header.');
    if (type?.trailer !== undefined && !this.#ended) throw truncated('before its trailer record');
    return lines;
  }

  row(raw: RawLine): Row {
    const { bytes } = raw;
    const { columns, record_bytes } = this.#layout;
    const text = decodeLine(bytes, this.#encoding);
    if (bytes?.length !== record_bytes)
      throw new LineFault('record_length', `The record has ${bytes?.length} bytes, not ${record_bytes}.`);
    if (this.#roleOf(raw) !== 'data')
      throw new LineFault('record_type', 'The record has a type that the mapping does not list.');
    // In a record of single bytes a character's place is its byte's.
    if (text.length === bytes.length) return columns.map((column) => cellOf(text, column));
    const starts = characterStarts(bytes, this.#encoding);
    return columns.map((column) => this.#cut(bytes, starts, column));
  }

  #cut(bytes: Uint8Array, starts: ReadonlySet<number>, column: Column): string {
    const { at, name } = column;
    const end = at + column.bytes;
    if (!starts.has(at) || !starts.has(end))
      throw new LineFault('split_character', `The column "${name}" begins or ends inside a character.`, name);
    return unpadded(decodeBytes(bytes.subarray(at, end), this.#encoding), column);
  }

  /** The data records among these. @throws PublishingRefusal */
  #data(lines: RawLine[]): RawLine[] {
    if (!this.#layout.type) return lines;
    return lines.filter((line) => {
      const role = this.#roleOf(line);
      this.#checkOrder(role, line);
      this.#seen += 1;
      if (role === 'data') this.#totals?.add(line);
      return role === 'data' || role === 'unknown';
    });
  }

  #checkOrder(role: RecordRole, line: RawLine): void {
    const first = this.#seen === 0 && this.#whole;
    if (this.#ended) throw malformed(`record ${line.line} stands behind the trailer`);
    if (first && this.#layout.type?.header !== undefined && role !== 'header')
      throw headerRefusal('The first record is not the header.');
    if (role === 'header') {
      if (!first) throw malformed(`record ${line.line} is a second header`);
      this.#dataStart = { offset: line.end, line: line.lastLine + 1 };
    }
    if (role !== 'trailer') return;
    this.#ended = true;
    this.#totals?.check(line);
  }

  #roleOf({ bytes }: RawLine): RecordRole {
    const { type } = this.#layout;
    if (!type) return 'data';
    const mark = bytes && placeText(bytes, type);
    if (mark === type.data) return 'data';
    if (mark !== undefined && mark === type.header) return 'header';
    return mark !== undefined && mark === type.trailer ? 'trailer' : 'unknown';
  }
}

const cellOf = (text: string, column: Column): string =>
  unpadded(text.slice(column.at, column.at + column.bytes), column);

function unpadded(text: string, { pad = 'right' }: Column): string {
  const left = pad === 'left' || pad === 'both' ? text.replace(/^ +/u, '') : text;
  return pad === 'right' || pad === 'both' ? left.replace(/ +$/u, '') : left;
}

const malformed = (what: string): PublishingRefusal =>
  new PublishingRefusal('file_malformed', `The file is not of its layout: ${what}.`);
