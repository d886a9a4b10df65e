import { createHash } from 'node:crypto';
import { CausewayError, encodeBase64url } from '@causeway/protocol';
import type { Digest } from '@causeway/protocol';
import {
  checkFile,
  FileReader,
  LinePreviewer,
  PublishingRefusal,
  rejectedLine,
} from '@causeway/records/publishing/index';
import { LineFault } from '@causeway/records/publishing/refusal';
import type { Mapping, PreviewedLine, RawLine, RejectedLine } from '@causeway/records/publishing/index';

import type { Bureau } from '../bureau.ts';
import { asOutward, loadMapping } from '../publishing/mappings.ts';
import { saidOf } from './rule-words.ts';
import type { RuleWords } from './rule-words.ts';

const previewMax = 20;
/** Rejected lines that are given back, and characters of them: whoever has more uses the command line. */
const listedMax = 1000;
const charactersMax = 2_097_152;

/** A rejected line of a file, given back to who sent it: with its cells where it can be cut into them. */
type ListedRejection = Omit<RejectedLine, 'fix'> &
  RuleWords & { readonly cells?: readonly (string | null)[] };

export interface CheckedUpload {
  readonly batch: Digest;
  readonly columns: readonly string[];
  readonly lines: number;
  readonly accepted: number;
  readonly warned: number;
  readonly rejected: number;
  readonly subjects: number | null;
  readonly records: Readonly<Record<string, number>>;
  readonly rules: readonly (RuleWords & { readonly rule: string; readonly lines: number })[];
  readonly preview: readonly PreviewedLine[];
  readonly rejections: readonly ListedRejection[];
}

/**
 * What publishing this file would come to, and nothing of it is kept: the count of its lines, the rules that
 * strike, the first lines masked, and the rejected ones as they came. `bytesMax` bounds the body.
 * @throws CausewayError `not_found` without such a mapping, `body_too_large`, or what refuses the file whole
 */
export async function checkUpload(
  bureau: Bureau,
  mappingDigest: string,
  body: AsyncIterable<Uint8Array>,
  bytesMax: number,
): Promise<CheckedUpload> {
  const mapping = await loadMapping(bureau, mappingDigest);
  const hash = createHash('sha256');
  const listing = new Listing(mapping);
  try {
    const chunks = bounded(body, bytesMax, (chunk) => void hash.update(chunk));
    const visit: Parameters<typeof checkFile>[2] = ({ outcome, raw }) => {
      listing.preview(raw);
      if ('rejection' in outcome) listing.reject(outcome.rejection, raw);
    };
    const {
      warnings: _,
      rejections: __,
      rules,
      ...counts
    } = await checkFile(...([mapping, chunks, visit, listing.reader] as const));
    return {
      ...{ batch: `sha-256:${encodeBase64url(hash.digest())}`, ...counts },
      columns: listing.reader.names,
      rules: Object.entries(rules).map(([rule, lines]) => ({ rule, lines, ...saidOf(rule) })),
      ...{ preview: listing.previewed, rejections: listing.rejected },
    };
  } catch (error) {
    throw error instanceof PublishingRefusal ? asOutward(error) : error;
  }
}

/** A body that is at most so large. @throws CausewayError `body_too_large` */
export async function* bounded(
  body: AsyncIterable<Uint8Array>,
  bytesMax: number,
  see: (chunk: Uint8Array) => void = () => undefined,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > bytesMax) {
      throw new CausewayError('body_too_large', {
        detail: `At most ${bytesMax} bytes from the console; send larger files by the API.`,
      });
    }
    see(chunk);
    yield chunk;
  }
}

class Listing {
  readonly reader: FileReader;
  readonly previewed: PreviewedLine[] = [];
  readonly rejected: ListedRejection[] = [];
  readonly #mapping: Mapping;
  readonly #previewer: LinePreviewer;
  #characters = 0;

  constructor(mapping: Mapping) {
    this.#mapping = mapping;
    this.reader = new FileReader(mapping);
    this.#previewer = new LinePreviewer(mapping, this.reader);
  }

  preview(raw: RawLine): void {
    if (this.previewed.length < previewMax) this.previewed.push(withWords(this.#previewer.preview(raw)));
  }

  reject(rejection: Parameters<typeof rejectedLine>[0], raw: RawLine): void {
    if (this.rejected.length >= listedMax || this.#characters >= charactersMax) return;
    const { fix: _, ...told } = rejectedLine(rejection, raw, this.#mapping.encoding);
    this.#characters += (told.original ?? told.original_base64 ?? '').length;
    this.rejected.push({ ...told, ...saidOf(rejection.rule), ...this.#cells(raw) });
  }

  /** None of a line that cannot be cut into columns, and of formats in which nobody types. */
  #cells(raw: RawLine): { cells?: (string | null)[] } {
    if (!isTyped(this.#mapping)) return {};
    try {
      const row = this.reader.row(raw);
      return { cells: this.reader.names.map((_, at) => row[at] ?? null) };
    } catch (error) {
      if (!(error instanceof LineFault)) throw error;
      return {};
    }
  }
}

/** Formats whose lines can be written again from their cells. */
export const isTyped = ({ format }: Pick<Mapping, 'format'>): boolean =>
  format === 'csv' || format === 'tsv' || format === 'jsonl';

/** The rejection of a previewed line, with its rule in both languages. */
export function withWords(line: PreviewedLine): PreviewedLine {
  const { rejection } = line;
  return rejection ? { ...line, rejection: { ...rejection, ...saidOf(rejection.rule) } } : line;
}
