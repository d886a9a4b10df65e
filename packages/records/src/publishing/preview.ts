import { carriesIdentifier } from '../identifiers.ts';
import type { CreditRecord } from '../record.ts';
import { FileReader } from './file-reader.ts';
import { LineMapper } from './line-mapper.ts';
import type { RawLine } from './line-splitter.ts';
import { mappedColumns } from './mapped-columns.ts';
import type { Mapping } from './mapping.ts';
import { LineFault } from './refusal.ts';
import type { Rejection } from './refusal.ts';

/** One line as its publisher may show it to others: whoever it is about is masked. */
export interface PreviewedLine {
  readonly line: number;
  readonly cells: readonly { readonly column: string; readonly text: string }[];
  /** Its subject: masked, unless it is one of the sandbox. */
  readonly subject?: string;
  /** The records by field; what was read from a masked column is masked here too. */
  readonly records: readonly Readonly<Record<string, unknown>>[];
  readonly rejection?: Rejection;
}

/** Columns whose names say that they name or reach somebody. */
const naming =
  /name|phone|mobile|mail|addr|contact|passport|姓名|户名|名称|电话|手机|邮箱|住址|地址|联系|证件/iu;

const mask = '•';

/**
 * The first lines of a file, each beside what it becomes. Identifiers, names, and every column that the
 * mapping does not read are masked. @throws PublishingRefusal where the file is refused whole before their
 * end
 */
export async function previewLines(
  mapping: Mapping,
  chunks: AsyncIterable<Uint8Array>,
  count: number,
): Promise<PreviewedLine[]> {
  const reader = new FileReader(mapping);
  const previewer = new LinePreviewer(mapping, reader);
  const out: PreviewedLine[] = [];
  for await (const chunk of chunks) {
    for (const raw of reader.feed(chunk).slice(0, count - out.length)) out.push(previewer.preview(raw));
    if (out.length >= count) return out;
  }
  for (const raw of reader.end().slice(0, count - out.length)) out.push(previewer.preview(raw));
  return out;
}

/** Shows single lines of one file so. */
export class LinePreviewer {
  readonly #reader: FileReader;
  readonly #mapper: LineMapper;
  readonly #sandbox: boolean;
  readonly #subject: string;
  readonly #shown: ReadonlySet<string>;
  /** Fields that are read from a column which is not shown. */
  readonly #hidden: ReadonlySet<string>;

  constructor(mapping: Mapping, reader: FileReader) {
    this.#reader = reader;
    this.#mapper = new LineMapper(mapping, reader);
    this.#sandbox = mapping.subject.scheme === 'sandbox';
    this.#subject = mapping.subject.id.column;
    const mapped = mappedColumns(mapping).map(({ column }) => column);
    this.#shown = new Set(mapped.filter((column) => !naming.test(column) && column !== this.#subject));
    const specs = mapping.records.flatMap(({ fields }) => Object.entries(fields));
    const hidden = specs.filter(([, spec]) => 'column' in spec && !this.#shown.has(spec.column));
    this.#hidden = new Set(
      hidden.flatMap(([name]) => (name === 'source_record_id' ? [name, 'record_id'] : [name])),
    );
  }

  /** A line of the reader beside what it becomes; never throws for what the line holds. */
  preview(raw: RawLine): PreviewedLine {
    const outcome = this.#mapper.map(raw);
    const place = { line: raw.line, cells: this.#cells(raw) };
    if ('rejection' in outcome) return { ...place, records: [], rejection: outcome.rejection };
    const { scheme, value } = outcome.subject;
    const subject = `${scheme}:${this.#sandbox ? value : masked(value)}`;
    return { ...place, subject, records: outcome.records.map((record) => this.#masked(record)) };
  }

  #cells(raw: RawLine): PreviewedLine['cells'] {
    try {
      const row = this.#reader.row(raw);
      return this.#reader.names.map((column, at) => ({ column, text: this.#text(column, row[at] ?? '') }));
    } catch (error) {
      if (error instanceof LineFault) return [];
      throw error;
    }
  }

  #masked(record: CreditRecord): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(record).map(([name, value]) => [name, this.#hides(name) ? mask.repeat(3) : value]),
    );
  }

  #hides(field: string): boolean {
    return this.#hidden.has(field) || [...this.#hidden].some((name) => name.startsWith(`${field}.`));
  }

  #text(column: string, text: string): string {
    if (text === '') return '';
    if (column === this.#subject) return masked(text);
    return this.#shown.has(column) && !carriesIdentifier(text) ? text : mask.repeat(3);
  }
}

/** All but the last two characters. */
function masked(text: string): string {
  const characters = [...text];
  const kept = characters.length > 4 ? 2 : 0;
  return (
    mask.repeat(Math.min(characters.length - kept, 8)) + characters.slice(characters.length - kept).join('')
  );
}
