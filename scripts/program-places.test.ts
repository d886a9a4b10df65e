import { expect, test } from 'vitest';
import { withPlaces } from './program-places.ts';

const programs = new Map([['/tree/services/authority/src/signer.ts', 'directory-signer']]);
const at = '/tree/services/authority/src/directory/head.ts';
const placed = (text: string): string => withPlaces(text, at, programs);

test('a folder beside a module stays where its source is', () => {
  expect(placed("join(import.meta.dirname, '../rows')")).toBe(
    'join("/tree/services/authority/src/directory", \'../rows\')',
  );
  expect(placed("new URL('x.json', import.meta.url)")).toBe(
    `new URL('x.json', "file:///tree/services/authority/src/directory/head.ts")`,
  );
});

test('a program that is built too is the one beside', () => {
  expect(placed("new URL('../signer.ts', import.meta.url)")).toBe(
    "new URL('./directory-signer.js', import.meta.url)",
  );
});

test('a module that is no program of its own stays the source', () => {
  expect(placed("new URL('../signers.ts', import.meta.url)")).toBe(
    `new URL('../signers.ts', "file:///tree/services/authority/src/directory/head.ts")`,
  );
});

test('a text that names no place is left as it is', () => {
  expect(placed('export const a = 1;')).toBe('export const a = 1;');
});
