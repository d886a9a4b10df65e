import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, systemRandom } from '@causeway/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openSpool } from './spool.ts';
import type { Spool } from './spool.ts';

let dir: string;
let spool: Spool;

const openAt = (key: number): Spool =>
  openSpool({ dir, sealing: new Uint8Array(32).fill(key), clock: systemClock, random: systemRandom });

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'spool-'));
  spool = openAt(1);
});

afterAll(async () => await rm(dir, { recursive: true }));

async function store(bytes: Uint8Array, size: number): Promise<string> {
  const writer = await spool.create();
  for (let at = 0; at < bytes.length; at += size) await writer.write(bytes.slice(at, at + size));
  await writer.finish();
  return writer.name;
}

async function readAll(name: string, offset = 0, from = spool): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of from.read(name, offset)) parts.push(part);
  return Buffer.concat(parts);
}

const content = Buffer.from('990000199003070013,'.repeat(40_000));

describe('the spool', () => {
  it('gives back what was written, from any offset', async () => {
    const name = await store(content, 70_001);
    for (const offset of [0, 1, 262_143, 262_144, 262_145, 600_000, content.length]) {
      expect((await readAll(name, offset)).equals(content.subarray(offset))).toBe(true);
    }
    expect(await readAll(await store(Buffer.alloc(0), 1))).toHaveLength(0);
  });

  it('S98 holds nothing in the clear, and opens under its own key only', async () => {
    const name = await store(content, 100_000);
    expect((await readFile(join(dir, name))).includes('990000199003070013')).toBe(false);
    await expect(readAll(name, 0, openAt(2))).rejects.toThrow('internal');
  });

  it('refuses a changed byte, frames in another order, and a file that is cut short', async () => {
    const name = await store(content, 262_144);
    const path = join(dir, name);
    const good = await readFile(path);
    const frame = 4 + good.readUInt32BE();
    const swapped = Buffer.concat([
      good.subarray(frame, 2 * frame),
      good.subarray(0, frame),
      good.subarray(2 * frame),
    ]);
    const flipped = Buffer.from(good);
    flipped.writeUInt8(flipped.readUInt8(100) ^ 1, 100);
    for (const bad of [swapped, flipped, good.subarray(0, frame - 1)]) {
      await writeFile(path, bad);
      await expect(readAll(name)).rejects.toThrow(/internal|unavailable/u);
    }
  });

  it('sweeps what no batch names, and keeps the rest', async () => {
    const [kept, stale] = [await store(content, 9999), await store(content, 9999)];
    await spool.sweep(new Set([kept]));
    expect(await readdir(dir)).toEqual([kept]);
    await expect(readAll(stale)).rejects.toThrow('unavailable');
  });

  it('leaves nothing of a file that is given up', async () => {
    const writer = await spool.create();
    await writer.write(content);
    await writer.discard();
    expect(await readdir(dir)).not.toContain(writer.name);
  });
});
