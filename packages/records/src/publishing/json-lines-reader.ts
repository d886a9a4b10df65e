import { decodeLine, NameCheck } from './decode-line.ts';
import { jsonFields } from './fields.ts';
import { truncated, withoutMark } from './format-reader.ts';
import type { FormatReader, ReadState } from './format-reader.ts';
import type { Position, RawLine } from './line-splitter.ts';
import { fileStart, LineSplitter } from './line-splitter.ts';
import { mappedColumns } from './mapped-columns.ts';
import type { Mapping } from './mapping.ts';
import { LineFault } from './refusal.ts';
import { columnIndex } from './row.ts';
import type { ColumnIndex, Row } from './row.ts';

/** Reads JSON Lines: one flat object on each line, whose members are the columns. */
export class JsonLinesReader implements FormatReader {
  readonly columns: readonly string[] = [];
  readonly names: readonly string[];
  readonly index: ColumnIndex;
  readonly dataStart: Position;
  readonly #mapping: Mapping;
  readonly #splitter: LineSplitter;
  readonly #check = new NameCheck();
  #fresh: boolean;

  constructor(mapping: Mapping, from?: ReadState) {
    this.#mapping = mapping;
    this.#splitter = new LineSplitter(undefined, from ?? fileStart);
    this.#fresh = (from?.offset ?? 0) === 0;
    this.dataStart = from ? { offset: from.offset, line: from.line } : fileStart;
    this.names = [...new Set(mappedColumns(mapping).map(({ column }) => column))];
    this.index = columnIndex(this.names);
  }

  feed(chunk: Uint8Array): RawLine[] {
    return this.#unmarked(this.#splitter.feed(chunk));
  }

  end(): RawLine[] {
    const last = this.#splitter.end();
    const lines = this.#unmarked(last ? [last] : []);
    for (const line of lines) this.#checkLast(line);
    return lines;
  }

  row(raw: RawLine): Row {
    const fields = jsonFields(decodeLine(raw.bytes, this.#mapping.encoding));
    for (const name of fields.keys()) this.#check.check(name);
    return this.names.map((column) => fields.get(column));
  }

  #unmarked(lines: RawLine[]): RawLine[] {
    const [first, ...rest] = lines;
    if (!this.#fresh || first === undefined) return lines;
    this.#fresh = false;
    if (this.#mapping.encoding !== 'utf-8') return lines;
    return [{ ...first, bytes: withoutMark(first.bytes) }, ...rest];
  }

  /** What stands behind the last line end is taken only if it can be a whole line. */
  #checkLast(line: RawLine): void {
    try {
      this.row(line);
    } catch (error) {
      if (!(error instanceof LineFault)) throw error;
      const partial = ['line_too_long', 'encoding', 'json'].includes(error.rule);
      if (partial) throw truncated(`in the middle of line ${line.line}`);
    }
  }
}
