import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { vectorFiles } from './vectors/vector-files.ts';

const folder = join(import.meta.dirname, '..', 'docs', 'protocol', 'vectors');
const files = vectorFiles();

test.each(files)(
  'docs/protocol/vectors/%s says what the package finds; `pnpm write-docs` writes it',
  (...file) => {
    const [name, text] = file;
    expect(readFileSync(join(folder, name), 'utf8') === text).toBe(true);
  },
);

test('nothing else is there, and together they are small enough to be read', () => {
  expect(readdirSync(folder).sort()).toEqual(files.map(([name]) => name).sort());
  expect(files.reduce((bytes, [, text]) => bytes + Buffer.byteLength(text), 0)).toBeLessThan(120_000);
});

test('every file has vectors, and no title twice', () => {
  for (const [, text] of files) {
    const { vectors } = JSON.parse(text) as { vectors: { comment: string }[] };
    expect(vectors.length).toBeGreaterThan(0);
    expect(new Set(vectors.map(({ comment }) => comment)).size).toBe(vectors.length);
  }
});

test('there are at least as many refusals as good ones', () => {
  const all = files.map(([, text]) => text).join('');
  expect(all.split('"refused":').length).toBeGreaterThanOrEqual(all.split('"shown":').length);
});
