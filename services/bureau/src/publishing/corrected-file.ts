import { CausewayError } from '@causeway/protocol';
import { encodeStrict } from '@causeway/records/encodings';
import { checkFile, FileReader } from '@causeway/records/publishing/index';
import type { Mapping, Rejection } from '@causeway/records/publishing/index';

/** A rejected line as it was mended: its number in the first file, and a text for each column. */
export interface MendedLine {
  readonly line: number;
  /** In the order of the columns; null where the line has no such member (JSON Lines only). */
  readonly cells: readonly (string | null)[];
}

/** A file of mended lines, or what is still wrong with them by the line of the first file. */
export type CorrectedFile = { readonly bytes: Uint8Array } | { readonly rejections: readonly Rejection[] };

/**
 * The mapping by which mended lines are read: that of the first file, but never as a snapshot, or all that is
 * not mended would be reported as gone.
 */
export function correctionMapping(mapping: Mapping): Mapping {
  const { mode: _, ...rest } = mapping;
  return rest;
}

/**
 * Writes mended lines as a file of the mapping's format and encoding, and reads it as publishing would.
 * @throws CausewayError `bad_request` for a line that no file of this format can hold
 */
export async function correctedFile(
  mapping: Mapping,
  columns: readonly string[],
  mended: readonly MendedLine[],
): Promise<CorrectedFile> {
  const lines = mended.map((each, at) => written(mapping, columns, each, at));
  const head = mapping.header === true ? [writtenCells(mapping, columns)] : [];
  const bytes = encoded(mapping, `${[...head, ...lines].join('\n')}\n`);
  const rejections: Rejection[] = [];
  const reader = new FileReader(mapping);
  let at = 0;
  await checkFile(
    mapping,
    [bytes],
    ({ outcome }) => {
      const line = mended[at]?.line ?? 0;
      at += 1;
      if ('rejection' in outcome) rejections.push({ ...outcome.rejection, line });
    },
    reader,
  );
  // An empty line is passed over by readers, and here it would shift the numbers of those behind it.
  if (at !== mended.length) throw unwritable(0, 'A line is empty.');
  return rejections.length > 0 ? { rejections } : { bytes };
}

function written(mapping: Mapping, columns: readonly string[], { cells }: MendedLine, at: number): string {
  if (cells.length !== columns.length) throw unwritable(at, 'The line has another number of columns.');
  if (cells.some((cell) => cell !== null && /[\r\n]/u.test(cell))) {
    throw unwritable(at, 'A cell has a line end.');
  }
  if (mapping.format === 'jsonl') {
    return JSON.stringify(Object.fromEntries(columns.map((name, n) => [name, cells[n] ?? null])));
  }
  const texts = cells.map((cell) => cell ?? '');
  if (mapping.format === 'tsv' && texts.some((text) => text.includes('\t'))) {
    throw unwritable(at, 'A cell has a tab.');
  }
  return writtenCells(mapping, texts);
}

function writtenCells({ delimiter = ',', format }: Mapping, cells: readonly string[]): string {
  if (format === 'tsv') return cells.join('\t');
  const quoted = cells.map((cell) =>
    cell.includes('"') || cell.includes(delimiter) ? `"${cell.replaceAll('"', '""')}"` : cell,
  );
  return quoted.join(delimiter);
}

function encoded({ encoding }: Mapping, text: string): Uint8Array {
  try {
    return encodeStrict(text, encoding);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CausewayError('bad_request', {
      pointer: '/rows',
      detail: `A character cannot be written in ${encoding}, the encoding of the file.`,
    });
  }
}

const unwritable = (at: number, detail: string): CausewayError =>
  new CausewayError('bad_request', { pointer: `/rows/${at}/cells`, detail });
