import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { limits } from '@causeway/kernel';
import { CausewayError, encodeBase64url } from '@causeway/protocol';
import type { Digest } from '@causeway/protocol';
import { type Mapping, type RejectedLine, rejectedLines } from '@causeway/records/publishing/index';
import { type HttpAnswer, json, send } from './http.ts';
import type { TokenClient } from './tokens.ts';

/** What became of a published file. Counts are lines, except `subjects`; `offset` of `bytes` are taken. */
export interface BatchResult {
  batch: Digest;
  state: 'running' | 'complete';
  bytes: number;
  offset: number;
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

/** One line that was not taken: the rule it broke, where, and where in the mapping. The others were. */
export interface Rejection {
  line: number;
  column: string | null;
  rule: string;
  pointer: string | null;
  message: string;
}

export interface PublisherOptions {
  tokens: Pick<TokenClient, 'headers'>;
  /** The bureau's member id; only the bureau itself publishes into its store. */
  bureau: string;
  bureauUrl: string;
  /** Time between two looks at a batch that is under way, in ms. */
  pollMs?: number;
}

export type FileType =
  | 'text/csv'
  | 'text/tab-separated-values'
  | 'application/x-ndjson'
  | 'application/xml'
  | 'application/octet-stream';

/** The media type of a mapping's files. */
export const fileTypes: Readonly<Record<Mapping['format'], FileType>> = {
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  jsonl: 'application/x-ndjson',
  xml: 'application/xml',
  fixed: 'application/octet-stream',
};

/**
 * A file that is too large to be held: its SHA-256, its size, and its bytes from the beginning, each time.
 */
export interface FileSource {
  readonly sha256: Uint8Array;
  readonly bytes: number;
  open(): AsyncIterable<Uint8Array>;
}

const PUBLISH_TIMEOUT_MS = 280_000;
/** The slowest upload that is waited for. */
const BYTES_PER_MS_MIN = 500;
const POLL_MS_DEFAULT = 500;
/** How often in a row a batch may be found where it was before it counts as standing still. */
const POLLS_STILL_MAX = 40;

interface Parcel {
  method: 'GET' | 'POST' | 'PUT';
  path: string;
  body?: string | Uint8Array<ArrayBuffer> | AsyncIterable<Uint8Array>;
  headers?: Record<string, string>;
  timeoutMs?: number;
}

/** A bureau operator's client: publishes a file through a mapping into the bureau's hosted store. */
export class Publisher {
  readonly #options: PublisherOptions;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  async mapping(text: string): Promise<Digest> {
    const headers = { 'content-type': 'application/json' };
    const answer = await this.#send({ method: 'POST', path: '/v1/mappings', body: text, headers });
    return String(answer['digest']) as Digest;
  }

  /**
   * Publishes one whole file. The same file twice is one batch; a file cut short on the way is refused whole.
   */
  async file(mapping: Digest, type: FileType, bytes: Uint8Array<ArrayBuffer>): Promise<BatchResult> {
    const sha256 = createHash('sha256').update(bytes).digest();
    return await this.#upload(mapping, type, sha256, { body: bytes });
  }

  /**
   * Publishes a file of any size, and waits for its end. What an earlier attempt has left running is
   * followed, and sent again where it stands still: the bureau goes on behind its last line. `onProgress`
   * gets how far the bureau is.
   */
  async stream(
    mapping: Digest,
    type: FileType,
    source: FileSource,
    onProgress: (result: BatchResult) => void = () => undefined,
  ): Promise<BatchResult> {
    const digest: Digest = `sha-256:${encodeBase64url(source.sha256)}`;
    const before = await this.#find(digest, mapping);
    if (before?.state === 'running') {
      const after = await this.#follow(before, mapping, onProgress);
      if (after.state === 'complete') return after;
    }
    const timeoutMs = PUBLISH_TIMEOUT_MS + Math.ceil(source.bytes / BYTES_PER_MS_MIN);
    const sent = await this.#upload(mapping, type, source.sha256, { body: source.open(), timeoutMs });
    const result = await this.#follow(sent, mapping, onProgress);
    if (result.state === 'complete') return result;
    throw new CausewayError('unavailable', { detail: 'the bureau has the file and does not go on with it' });
  }

  /** The first rejections of a batch, in file order. */
  async rejections(batch: Digest, mapping?: Digest): Promise<Rejection[]> {
    return (await this.#page(batch, mapping, 0)).items;
  }

  /** Every rejected line of a published file with the line itself, which only its publisher has. */
  rejectedLines(
    result: BatchResult,
    mapping: { readonly digest: Digest; readonly content: Mapping },
    file: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<RejectedLine> {
    return rejectedLines(mapping.content, file, this.#allRejections(result.batch, mapping.digest));
  }

  async *#allRejections(batch: Digest, mapping: Digest): AsyncGenerator<Rejection> {
    let after: number | undefined = 0;
    while (after !== undefined) {
      const { items, next }: { items: Rejection[]; next: number | undefined } = await this.#page(
        batch,
        mapping,
        after,
      );
      yield* items;
      after = next;
    }
  }

  async #page(batch: Digest, mapping: Digest | undefined, after: number) {
    const query = new URLSearchParams({ after: String(after), ...(mapping ? { mapping } : {}) });
    const path = `/v1/batches/${encodeURIComponent(batch)}/rejections?${query.toString()}`;
    const answer = await this.#send({ method: 'GET', path });
    const { next } = answer;
    return {
      items: (answer['items'] ?? []) as Rejection[],
      next: typeof next === 'number' && next > after ? next : undefined,
    };
  }

  async #upload(
    mapping: Digest,
    type: FileType,
    sha256: Uint8Array,
    parcel: Pick<Parcel, 'body' | 'timeoutMs'>,
  ): Promise<BatchResult> {
    const path = `/v1/batches?mapping=${encodeURIComponent(mapping)}`;
    const digest = Buffer.from(sha256).toString('base64');
    const headers = { 'content-type': type, 'content-digest': `sha-256=:${digest}:` };
    return (await this.#send({ method: 'POST', path, headers, ...parcel })) as unknown as BatchResult;
  }

  /** Tells a bureau whom its native system knows; who was told before under a number is replaced. */
  async roster(subjects: readonly RosterSubject[]): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    for (let at = 0; at < subjects.length; at += limits.blindBatchMax) {
      const part = JSON.stringify({ subjects: subjects.slice(at, at + limits.blindBatchMax) });
      await this.#sent({ method: 'PUT', path: '/v1/roster', body: part, headers });
    }
  }

  async #find(batch: Digest, mapping: Digest): Promise<BatchResult | undefined> {
    const path = `/v1/batches/${encodeURIComponent(batch)}?mapping=${encodeURIComponent(mapping)}`;
    try {
      return (await this.#send({ method: 'GET', path })) as unknown as BatchResult;
    } catch (error) {
      if (error instanceof CausewayError && error.code === 'not_found') return undefined;
      throw error;
    }
  }

  /** Waits until a batch is complete, or until it no longer goes on. */
  async #follow(
    from: BatchResult,
    mapping: Digest,
    onProgress: (result: BatchResult) => void,
  ): Promise<BatchResult> {
    let last = from;
    for (let still = 0; last.state === 'running' && still < POLLS_STILL_MAX; still += 1) {
      onProgress(last);
      await wait(this.#options.pollMs ?? POLL_MS_DEFAULT);
      const now: BatchResult = (await this.#find(last.batch, mapping)) ?? last;
      if (now.offset !== last.offset) still = 0;
      last = now;
    }
    onProgress(last);
    return last;
  }

  async #send(parcel: Parcel): Promise<Record<string, unknown>> {
    return json(await this.#sent(parcel));
  }

  async #sent({
    method,
    path,
    body,
    headers = {},
    timeoutMs = PUBLISH_TIMEOUT_MS,
  }: Parcel): Promise<HttpAnswer> {
    const { tokens, bureau, bureauUrl } = this.#options;
    const url = `${bureauUrl}${path}`;
    const authorised = await tokens.headers(bureau, 'records.publish', method, url);
    const request = {
      ...{ method, url, timeoutMs, headers: { ...headers, ...authorised } },
      ...(body === undefined ? {} : { body }),
    };
    return await send(request);
  }
}
