import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, writeSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { RejectedLine } from '@causeway/sdk';
import type { Terminal } from './terminal.ts';

const chunkBytes = 262_144;

/** A file of this machine, read as often as it is needed and never held. */
export interface LocalFile {
  readonly bytes: number;
  /** Its bytes from the beginning; progress is told as `what` goes on. */
  open(what: string): AsyncIterable<Uint8Array>;
}

export async function localFile(path: string, terminal: Terminal): Promise<LocalFile> {
  const { size } = await stat(path);
  return {
    bytes: size,
    open: async function* (what) {
      let read = 0;
      for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes })) {
        if (!(chunk instanceof Uint8Array)) throw new TypeError('a file is read as bytes');
        read += chunk.length;
        terminal.progress(`${what}: ${percent(read, size)} of ${megabytes(size)} MB`);
        yield chunk;
      }
    },
  };
}

const megabytes = (bytes: number): string => (bytes / 1_000_000).toFixed(1);

export const percent = (part: number, whole: number): string =>
  `${Math.floor((100 * part) / Math.max(1, whole))} %`;

/** Passes bytes on and works out their SHA-256, which is there when all have passed. */
export function hashing(chunks: AsyncIterable<Uint8Array>) {
  const hash = createHash('sha256');
  const passing = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
  };
  return { chunks: passing(), sha256: (): Uint8Array => hash.digest() };
}

/**
 * Where rejected lines go: one JSON object on each line. It holds personal data, so only its owner reads
 * it.
 */
export interface RejectFile {
  write(line: RejectedLine): void;
  close(): void;
}

/** Empties the file of an earlier run; with no name, a reject file that keeps nothing. */
export function openRejectFile(path: string | undefined): RejectFile {
  if (path === undefined) return { write: () => undefined, close: () => undefined };
  const file = openSync(path, 'w', 0o600);
  return {
    write: (line) => void writeSync(file, `${JSON.stringify(line)}\n`),
    close: () => closeSync(file),
  };
}
