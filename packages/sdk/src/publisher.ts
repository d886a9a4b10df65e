import { createHash } from 'node:crypto';
import { limits } from '@causeway/kernel';
import type { Digest } from '@causeway/protocol';
import { type HttpAnswer, json, send } from './http.ts';
import type { TokenClient } from './tokens.ts';

/** What became of a published file. Counts are lines, except `subjects`. */
export interface BatchResult {
  batch: Digest;
  lines: number;
  accepted: number;
  rejected: number;
  subjects: number;
}

/** Whom a native system knows: the number, and what else it goes by there. */
export interface RosterSubject {
  readonly scheme: string;
  readonly id: string;
  readonly name?: string;
  readonly handle?: string;
}

/** One line that was not taken: the rule it broke and where. The file's other lines were. */
export interface Rejection {
  line: number;
  column: string | null;
  rule: string;
  message: string;
}

export interface PublisherOptions {
  tokens: TokenClient;
  /** The bureau's member id; only the bureau itself publishes into its store. */
  bureau: string;
  bureauUrl: string;
}

export type FileType = 'text/csv' | 'text/tab-separated-values' | 'application/x-ndjson';

/** The format of a file by its name's ending. @throws RangeError for an ending that says nothing */
export function fileTypeOf(name: string): FileType {
  if (name.endsWith('.csv')) return 'text/csv';
  if (name.endsWith('.tsv')) return 'text/tab-separated-values';
  if (name.endsWith('.jsonl') || name.endsWith('.ndjson')) return 'application/x-ndjson';
  throw new RangeError(`the name of ${name} does not end in .csv, .tsv, .jsonl or .ndjson`);
}

type Parcel = [
  method: 'POST' | 'PUT',
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string>,
];

const PUBLISH_TIMEOUT_MS = 280_000;

/** A bureau operator's client: publishes a file through a mapping into the bureau's hosted store. */
export class Publisher {
  readonly #options: PublisherOptions;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  async mapping(text: string): Promise<Digest> {
    const answer = await this.#send('POST', '/v1/mappings', text, { 'content-type': 'application/json' });
    return String(answer['digest']) as Digest;
  }

  /**
   * Publishes one whole file. The same file twice is one batch; a file cut short on the way is refused whole.
   */
  async file(mapping: Digest, type: FileType, bytes: Uint8Array<ArrayBuffer>): Promise<BatchResult> {
    const digest = createHash('sha256').update(bytes).digest('base64');
    const path = `/v1/batches?mapping=${encodeURIComponent(mapping)}`;
    const headers = { 'content-type': type, 'content-digest': `sha-256=:${digest}:` };
    const answer = await this.#send('POST', path, bytes, headers);
    return answer as unknown as BatchResult;
  }

  /** Tells a bureau whom its native system knows; who was told before under a number is replaced. */
  async roster(subjects: readonly RosterSubject[]): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    for (let at = 0; at < subjects.length; at += limits.blindBatchMax) {
      const part = JSON.stringify({ subjects: subjects.slice(at, at + limits.blindBatchMax) });
      await this.#sent('PUT', '/v1/roster', part, headers);
    }
  }

  async rejections(batch: Digest): Promise<Rejection[]> {
    const url = `${this.#options.bureauUrl}/v1/batches/${encodeURIComponent(batch)}/rejections`;
    const { tokens, bureau } = this.#options;
    const answer = await send({
      method: 'GET',
      url,
      headers: await tokens.headers(bureau, 'records.publish', 'GET', url),
    });
    return (json(answer)['items'] ?? []) as Rejection[];
  }

  async #send(...request: Parcel): Promise<Record<string, unknown>> {
    return json(await this.#sent(...request));
  }

  async #sent(...[method, path, body, headers]: Parcel): Promise<HttpAnswer> {
    const { tokens, bureau, bureauUrl } = this.#options;
    const url = `${bureauUrl}${path}`;
    const authorised = await tokens.headers(bureau, 'records.publish', method, url);
    const request = {
      method,
      url,
      body,
      headers: { ...headers, ...authorised },
      timeoutMs: PUBLISH_TIMEOUT_MS,
    };
    return await send(request);
  }
}
