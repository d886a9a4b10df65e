import { get, post, Refused } from '@causeway/ui/requests.ts';
import type { Batch, BatchDetail, PreviewedLine, Said, Severity } from './api.ts';
import { type Progress, sendFile } from './send-file.ts';

/** A batch by its file and what it was read by. */
export type BatchKey = Pick<Batch, 'batch' | 'mapping'>;

interface RuleWords {
  readonly severity?: Severity;
  readonly what?: Said;
  readonly fix?: Said;
}

/** Why a line is not taken. */
export interface Rejection extends RuleWords {
  readonly line: number;
  readonly rule: string;
  readonly column: string | null;
  readonly pointer: string | null;
  readonly message: string;
}

/** A line that would be rejected, with its own text: only to who sent it. */
export interface RejectedLine extends Rejection {
  readonly original?: string;
  readonly original_base64?: string;
  /** In the order of the columns; none where the line cannot be cut into them. */
  readonly cells?: readonly (string | null)[];
}

/** What publishing a file would come to. */
export interface Checked {
  readonly batch: string;
  readonly columns: readonly string[];
  readonly lines: number;
  readonly accepted: number;
  readonly warned: number;
  readonly rejected: number;
  readonly subjects: number | null;
  readonly rules: BatchDetail['rules'];
  readonly preview: readonly PreviewedLine[];
  readonly rejections: readonly RejectedLine[];
}

export interface MendedLine {
  readonly line: number;
  readonly cells: readonly (string | null)[];
}

/** The mended lines as a batch, or what is still wrong with them. */
export interface Mended {
  readonly corrected?: BatchDetail;
  readonly rejections?: readonly Rejection[];
}

export interface SignOffAct {
  readonly name: string;
  readonly statement: string;
  readonly lines: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly warnings: number;
  readonly deleted: number;
}

const at = ({ batch, mapping }: BatchKey): string =>
  `/v1/console/batches/${encodeURIComponent(batch)}/${encodeURIComponent(mapping)}`;

export const publishing = {
  batch: async (key: BatchKey) => await get<BatchDetail>(at(key)),
  /** Stores what a mapping file says. @throws SyntaxError where it is no JSON */
  storeMapping: async (file: File) =>
    await post<{ readonly mapping: string }>('/v1/console/mappings', JSON.parse(await file.text()) as object),
  check: async (mapping: string, file: File, told: Progress) =>
    await sendFile<Checked>(`/v1/console/checks?mapping=${encodeURIComponent(mapping)}`, file, {}, told),
  /** `batch`: the digest that the check found, so that what is published is what was checked. */
  publish: async ({ batch, mapping }: BatchKey, file: File, told: Progress) =>
    await sendFile<BatchDetail>(
      `/v1/console/batches?mapping=${encodeURIComponent(mapping)}`,
      ...([file, { 'content-digest': contentDigest(batch) }, told] as const),
    ),
  /** The batch, where all of its file has come. */
  arrived: async (key: BatchKey) =>
    await get<BatchDetail>(at(key)).catch((error: unknown) => {
      if (error instanceof Refused && error.status === 404) return undefined;
      throw error;
    }),
  mend: async (key: BatchKey, rows: readonly MendedLine[]) =>
    await post<Mended>(`${at(key)}/corrections`, { rows }),
  signOff: async (key: BatchKey, act: SignOffAct) => await post<BatchDetail>(`${at(key)}/sign-off`, act),
};

/** Where the places of rejected lines are, without their text. */
export const rejectionsUrl = (key: BatchKey): string => `${at(key)}/rejections`;

/** The page of one batch. */
export const batchPath = ({ batch, mapping }: BatchKey): string =>
  `/batches/one?${new URLSearchParams({ batch, mapping }).toString()}`;

/** RFC 9530, of a digest as the exchange writes it. */
function contentDigest(digest: string): string {
  const base64 = digest.slice('sha-256:'.length).replaceAll('-', '+').replaceAll('_', '/');
  return `sha-256=:${base64}=:`;
}
