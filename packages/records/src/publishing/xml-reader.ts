import { SaxesParser } from 'saxes';
import { decodeLossy, decodeStrict } from '../encodings.ts';
import type { Encoding } from '../encodings.ts';
import { NameCheck } from './decode-line.ts';
import { headerRefusal, truncated, withoutMark } from './format-reader.ts';
import type { FormatReader, ReadState } from './format-reader.ts';
import type { Position, RawLine } from './line-splitter.ts';
import { fileStart, join, recordBytesMax } from './line-splitter.ts';
import type { Mapping } from './mapping.ts';
import { LineFault, PublishingRefusal } from './refusal.ts';
import { columnIndex } from './row.ts';
import type { ColumnIndex, Row } from './row.ts';
import { XmlColumns, XmlRow } from './xml-row.ts';

/** `>`: no character of the encodings has it inside, so that bytes may be cut behind each of them. */
const CUT = 0x3e;
const depthMax = 64;
/** Bytes without any event of the parser: a comment, a tag or a text of which nothing is kept. */
const silentBytesMax = 1_048_576;

/** The encodings that a document may declare; what is not here cannot be read as the mapping says. */
const declared = new Map<string, readonly Encoding[]>([
  ['utf-8', ['utf-8']],
  ['utf8', ['utf-8']],
  ['gbk', ['gbk', 'gb18030']],
  ['gb2312', ['gbk', 'gb18030']],
  ['gb18030', ['gb18030']],
]);

/**
 * Reads an XML document row by row, without ever holding more than one of them. A document type is refused,
 * and with it every entity but the five of XML itself; so is whatever is not well formed. Rows are numbered,
 * since several may stand on one line.
 */
export class XmlReader implements FormatReader {
  readonly columns: readonly string[] = [];
  readonly names: readonly string[];
  readonly index: ColumnIndex;
  readonly dataStart: Position = fileStart;
  readonly #encoding: Encoding;
  readonly #path: readonly string[];
  readonly #columns: XmlColumns;
  readonly #check = new NameCheck();
  readonly #parser = new SaxesParser<{ xmlns: false; position: false }>({ xmlns: false, position: false });
  #depth = 0;
  /** How many elements of the path to a row are open. */
  #matched = 0;
  #row: XmlRow | undefined;
  #rowParts: Uint8Array[] = [];
  #rowBytes = 0;
  #pending: Uint8Array[] = [];
  #silent = 0;
  #offset: number;
  #number: number;
  #ready: RawLine[] = [];
  #undecodable = false;

  constructor(mapping: Mapping, from: ReadState | undefined) {
    if (!mapping.xml) throw new RangeError('a mapping that was not checked');
    this.#encoding = mapping.encoding;
    this.#path = mapping.xml.row.slice(1).split('/');
    this.#columns = new XmlColumns(mapping.xml);
    this.names = this.#columns.names;
    this.index = columnIndex(this.names);
    this.#offset = from?.offset ?? 0;
    this.#number = from?.line ?? 1;
    this.#listen();
    // Behind a row, its ancestors are open.
    if (this.#offset > 0) for (const name of this.#path.slice(0, -1)) this.#parser.write(`<${name}>`);
  }

  feed(received: Uint8Array): RawLine[] {
    const chunk = received.slice();
    let start = 0;
    for (;;) {
      const at = chunk.indexOf(CUT, start);
      const part = chunk.subarray(start, at < 0 ? chunk.length : at + 1);
      this.#pending.push(part);
      this.#silent += part.length;
      if (this.#silent > silentBytesMax) throw malformed(`after row ${this.#number - 1}: no end of a part`);
      if (at < 0) break;
      start = at + 1;
      this.#write();
    }
    return this.#taken();
  }

  end(): RawLine[] {
    const rest = join(
      this.#pending,
      this.#pending.reduce((sum, part) => sum + part.length, 0),
    );
    if (rest.some((byte) => byte > 0x20)) throw truncated(`after row ${this.#number - 1}`);
    if (this.#depth > 0) throw truncated(`inside an element, after row ${this.#number - 1}`);
    try {
      this.#parser.close();
    } catch (error) {
      if (error instanceof PublishingRefusal && this.#offset > 0) throw error;
      throw headerRefusal('The file holds no XML document.');
    }
    return this.#taken();
  }

  row({ read, bytes }: RawLine): Row {
    if (bytes === undefined)
      throw new LineFault('line_too_long', `The row is longer than ${recordBytesMax} bytes.`);
    if (read === undefined) throw new RangeError('a row that this reader has not read');
    if (read instanceof LineFault) throw read;
    return read;
  }

  #taken(): RawLine[] {
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }

  /** Gives the parser what ends with a `>`. */
  #write(): void {
    const whole = join(
      this.#pending,
      this.#pending.reduce((sum, part) => sum + part.length, 0),
    );
    const bytes = this.#offset === 0 && this.#encoding === 'utf-8' ? withoutMark(whole) : whole;
    this.#pending = [];
    this.#offset += whole.length;
    const text = this.#decode(bytes ?? whole);
    if (this.#row) this.#keep(whole);
    const before = this.#number;
    if (this.#undecodable) this.#row?.fail(this.#badBytes());
    this.#parser.write(text);
    if (this.#row && this.#rowParts.length === 0) this.#keep(whole);
    if (this.#undecodable && !this.#row && this.#number === before)
      throw malformed(`after row ${this.#number - 1}: it is not valid ${this.#encoding}`);
    this.#undecodable = false;
  }

  #decode(bytes: Uint8Array): string {
    try {
      return decodeStrict(bytes, this.#encoding);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#undecodable = true;
      return decodeLossy(bytes, this.#encoding);
    }
  }

  #badBytes(): LineFault {
    return new LineFault('encoding', `The row is not valid ${this.#encoding.toUpperCase()}.`);
  }

  #keep(bytes: Uint8Array): void {
    this.#rowBytes += bytes.length;
    if (this.#rowBytes <= recordBytesMax) this.#rowParts.push(bytes);
  }

  #listen(): void {
    const parser = this.#parser;
    parser.on('error', () => {
      throw malformed(`after row ${this.#number - 1}: it is not well formed`);
    });
    parser.on('doctype', () => {
      throw malformed('it has a document type, which is never read');
    });
    parser.on('xmldecl', ({ encoding }) => {
      if (encoding !== undefined && !declared.get(encoding.toLowerCase())?.includes(this.#encoding))
        throw headerRefusal('The document declares another encoding than the mapping.');
    });
    parser.on('opentag', ({ name, attributes }) => this.#opened(name, attributes));
    parser.on('closetag', () => this.#closed());
    parser.on('text', (text) => this.#texted(text));
    parser.on('cdata', (text) => this.#texted(text));
    parser.on('comment', () => {
      this.#silent = 0;
    });
  }

  #opened(name: string, attributes: Readonly<Record<string, string>>): void {
    this.#silent = 0;
    this.#depth += 1;
    if (this.#depth > depthMax) throw malformed(`after row ${this.#number - 1}: it is nested too deeply`);
    if (this.#row) return this.#row.open(name, attributes);
    if (this.#matched !== this.#depth - 1 || this.#path[this.#matched] !== name) {
      if (this.#depth > 1) return;
      throw headerRefusal(`The document is not one of "${this.#path[0]}", as /xml/row says.`);
    }
    this.#matched += 1;
    if (this.#matched < this.#path.length) return;
    this.#row = new XmlRow(this.#columns, this.#check);
    this.#rowParts = [];
    this.#rowBytes = 0;
    this.#row.open(undefined, attributes);
    if (this.#undecodable) this.#row.fail(this.#badBytes());
  }

  #closed(): void {
    this.#silent = 0;
    this.#depth -= 1;
    if (this.#row?.close() === true) this.#finish(this.#row);
    if (this.#matched > this.#depth) this.#matched = this.#depth;
  }

  #texted(text: string): void {
    this.#silent = 0;
    if (this.#rowBytes <= recordBytesMax) this.#row?.text(text);
  }

  #finish(row: XmlRow): void {
    const bytes = this.#rowBytes > recordBytesMax ? undefined : join(this.#rowParts, this.#rowBytes);
    const number = this.#number;
    const place = { line: number, lastLine: number, end: this.#offset, terminated: true, openQuote: false };
    this.#ready.push({ ...place, bytes, read: row.result() });
    this.#number += 1;
    this.#row = undefined;
  }
}

const malformed = (where: string): PublishingRefusal =>
  new PublishingRefusal('file_malformed', `The document cannot be read ${where}.`);
