import type { Position, RawLine } from './line-splitter.ts';
import { PublishingRefusal } from './refusal.ts';
import type { ColumnIndex, Row } from './row.ts';

/** Where a reading continues, and the columns that the header named (without a header: none). */
export interface ReadState extends Position {
  readonly columns: readonly string[];
}

/** How the files of one format are cut into records, and a record into its columns. */
export interface FormatReader {
  /** The columns that the header named, once it was read. */
  readonly columns: readonly string[] | undefined;
  /** Where the data begin: behind the header, if there is one. */
  readonly dataStart: Position;
  /** The names of the columns of a row, in their order; none before they are known. */
  readonly names: readonly string[];
  /** The place of each column in a row; once the columns are known. */
  readonly index: ColumnIndex;
  /** The data records that end within this chunk. @throws PublishingRefusal */
  feed(chunk: Uint8Array): RawLine[];
  /** The last record, where nothing ends it. @throws PublishingRefusal */
  end(): RawLine[];
  /** @throws LineFault */
  row(raw: RawLine): Row;
}

export const headerRefusal = (message: string): PublishingRefusal =>
  new PublishingRefusal('header_unreadable', message);

export const truncated = (where: string): PublishingRefusal =>
  new PublishingRefusal('file_truncated', `The file ends ${where}. Nothing of it was taken; send all of it.`);

/** A UTF-8 byte order mark before the first line says nothing that is not known. */
export function withoutMark(bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes?.[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}
