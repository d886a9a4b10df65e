import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildOnce } from './built-from.mjs';

let folder: string;
let built: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-built-'));
  built = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (): string => join(folder, 'a.ts');
const build = async ({ code = 0, place = '/here' } = {}): Promise<boolean> =>
  await buildOnce(join(folder, 'stamp'), { folders: [], files: [file()], place }, async () => {
    built += 1;
    return await Promise.resolve(code);
  });

test('what is built is built again only when its sources have changed, or it has moved', async () => {
  writeFileSync(file(), 'one');
  expect([await build(), await build(), built]).toEqual([true, true, 1]);
  writeFileSync(file(), 'two');
  expect([await build(), built]).toEqual([true, 2]);
  expect([await build({ place: '/there' }), built]).toEqual([true, 3]);
});

test('what could not be built is said, and tried again', async () => {
  writeFileSync(file(), 'one');
  expect([await build({ code: 1 }), await build({ code: 1 }), built]).toEqual([false, false, 2]);
});
