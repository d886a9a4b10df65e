import { createHash } from 'node:crypto';
import { CausewayError, encodeBase64url } from '@causeway/protocol';
import type { Digest } from '@causeway/protocol';
import { FileReader, PublishingRefusal } from '@causeway/records/publishing/index';
import type { Mapping } from '@causeway/records/publishing/index';

import { asOutward } from './mappings.ts';
import type { Spool } from './spool.ts';

/** A file that is whole, is what its digest says, and lies in the spool. */
export interface ReceivedFile {
  readonly digest: Digest;
  readonly spool: string;
  readonly bytes: number;
  readonly columns: readonly string[];
  /** Where its data begin. */
  readonly offset: number;
  readonly line: number;
}

/** A published file; bounded by the disk that the operator gives the spool, and by this. */
export const fileBytesMax = 17_179_869_184;

/**
 * Streams a body into the spool while it checks what can refuse the file whole: its digest, its header, its
 * end. Nothing is left in the spool when it throws.
 * @throws CausewayError `digest_mismatch`, `header_unreadable`, `file_truncated`, `body_too_large`
 */
export async function receiveFile(
  spool: Spool,
  mapping: Mapping,
  body: AsyncIterable<Uint8Array>,
  expected: Uint8Array,
): Promise<ReceivedFile> {
  const writer = await spool.create();
  try {
    const hash = createHash('sha256');
    const scan = new FileScan(mapping);
    for await (const chunk of body) {
      hash.update(chunk);
      scan.feed(chunk);
      if (scan.bytes > fileBytesMax) throw new CausewayError('body_too_large');
      await writer.write(chunk);
    }
    const found = hash.digest();
    if (!found.equals(expected)) throw new CausewayError('digest_mismatch');
    scan.end();
    await writer.finish();
    // A crash here leaves a sealed file that no batch names: the sweep at the next start removes it.
    const { bytes, columns, offset, line } = scan;
    return { digest: `sha-256:${encodeBase64url(found)}`, spool: writer.name, bytes, columns, offset, line };
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

/**
 * One pass over the whole file before any of it is taken. A refusal waits for the digest: that decides
 * first.
 */
class FileScan {
  bytes = 0;
  /** The first byte and line behind the header. */
  offset = 0;
  line = 1;
  readonly #reader: FileReader;
  #refusal: PublishingRefusal | undefined;

  constructor(mapping: Mapping) {
    this.#reader = new FileReader(mapping);
  }

  get columns(): readonly string[] {
    return this.#reader.columns ?? [];
  }

  feed(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    this.#attempt(() => this.#reader.feed(chunk));
  }

  end(): void {
    this.#attempt(() => this.#reader.end());
    const refusal = this.#refusal;
    if (refusal !== undefined) throw asOutward(refusal);
    this.offset = this.#reader.dataStart.offset;
    this.line = this.#reader.dataStart.line;
  }

  #attempt(act: () => unknown): void {
    if (this.#refusal !== undefined) return;
    try {
      act();
    } catch (error) {
      if (!(error instanceof PublishingRefusal)) throw error;
      this.#refusal = error;
    }
  }
}
