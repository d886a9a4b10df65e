import { mkdir, open as openFile, readdir, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { uuidv7 } from '@causeway/kernel';
import type { Clock, Random } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import { open, seal } from '@causeway/service';

/** A file on its way into the store. It holds raw identifiers, so it never lies on disk in the clear. */
interface SpoolWriter {
  readonly name: string;
  write(chunk: Uint8Array): Promise<void>;
  /** All of it is on disk when this returns. */
  finish(): Promise<void>;
  discard(): Promise<void>;
}

export interface Spool {
  create(): Promise<SpoolWriter>;
  /** The plain bytes from `offset` on. @throws CausewayError `unavailable` where the file is gone */
  read(name: string, offset: number): AsyncGenerator<Uint8Array>;
  has(name: string): Promise<boolean>;
  remove(name: string): Promise<void>;
  /** Removes the files that no unfinished batch names: what a crash while receiving has left. */
  sweep(keep: ReadonlySet<string>): Promise<void>;
}

/** Plain bytes of each frame but the last one. */
const frameBytes = 262_144;
const lengthBytes = 4;

interface Options {
  readonly dir: string;
  readonly sealing: Uint8Array;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Files of sealed frames (AES-256-GCM, a key each): length, frame; a frame's place is part of what it
 * authenticates.
 */
export function openSpool(options: Options): Spool {
  const path = (name: string): string => join(options.dir, name);
  return {
    create: async () => {
      await mkdir(options.dir, { recursive: true, mode: 0o700 });
      const name = `${uuidv7(options.clock, options.random)}.spool`;
      return new FrameWriter(options, name, await openFile(path(name), 'wx', 0o600), path(name));
    },
    read: (name, offset) => readFrames(options, name, path(name), offset),
    has: async (name) => (await readdir(options.dir)).includes(name),
    remove: async (name) => await rm(path(name), { force: true }),
    sweep: async (keep) => {
      const names = await readdir(options.dir).catch(() => []);
      const stale = names.filter((name) => name.endsWith('.spool') && !keep.has(name));
      await Promise.all(stale.map(async (name) => await rm(path(name), { force: true })));
    },
  };
}

const place = (name: string, frame: number): string => `spool/${name}/${frame}`;

class FrameWriter implements SpoolWriter {
  readonly name: string;
  readonly #options: Options;
  readonly #file: FileHandle;
  readonly #path: string;
  #pending: Uint8Array[] = [];
  #size = 0;
  #frame = 0;

  constructor(options: Options, name: string, file: FileHandle, path: string) {
    this.name = name;
    this.#options = options;
    this.#file = file;
    this.#path = path;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#pending.push(chunk);
    this.#size += chunk.length;
    if (this.#size < frameBytes) return;
    const plain = Buffer.concat(this.#pending, this.#size);
    let at = 0;
    for (; plain.length - at >= frameBytes; at += frameBytes)
      await this.#put(plain.subarray(at, at + frameBytes));
    this.#pending = [plain.subarray(at)];
    this.#size = plain.length - at;
  }

  async finish(): Promise<void> {
    if (this.#size > 0) await this.#put(Buffer.concat(this.#pending, this.#size));
    await this.#file.sync();
    await this.#file.close();
  }

  async discard(): Promise<void> {
    await this.#file.close().catch(() => undefined);
    await rm(this.#path, { force: true });
  }

  async #put(plain: Uint8Array): Promise<void> {
    const { sealing, random } = this.#options;
    const box = seal(sealing, plain, place(this.name, this.#frame), random);
    const length = Buffer.alloc(lengthBytes);
    length.writeUInt32BE(box.length);
    await this.#file.writev([length, box]);
    this.#frame += 1;
  }
}

async function* readFrames(
  options: Options,
  name: string,
  path: string,
  offset: number,
): AsyncGenerator<Uint8Array> {
  const file = await openFile(path, 'r').catch((cause: unknown) => {
    throw new CausewayError('unavailable', {
      detail: 'The file must be sent again.',
      internal: 'spool file',
      cause,
    });
  });
  try {
    let position = 0;
    for (let frame = 0; ; frame += 1) {
      const length = await readExactly(file, position, lengthBytes);
      if (length === undefined) return;
      const size = length.readUInt32BE();
      position += lengthBytes;
      const start = frame * frameBytes;
      if (start + frameBytes > offset) {
        const box = await readExactly(file, position, size);
        if (box === undefined)
          throw new CausewayError('unavailable', { internal: 'the spool file is cut short' });
        yield open(options.sealing, box, place(name, frame)).subarray(Math.max(0, offset - start));
      }
      position += size;
    }
  } finally {
    await file.close();
  }
}

async function readExactly(file: FileHandle, position: number, size: number): Promise<Buffer | undefined> {
  const buffer = Buffer.alloc(size);
  const { bytesRead } = await file.read(buffer, 0, size, position);
  return bytesRead === size ? buffer : undefined;
}
