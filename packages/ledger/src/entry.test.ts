import fc from 'fast-check';
import { expect, test } from 'vitest';

import { digestOf, entryOf } from './entry.ts';
import { codeOf } from './tree.fixture.ts';

test('a digest and its 32 bytes name each other', () => {
  const empty = 'sha-256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU';
  expect(Buffer.from(entryOf(empty)).toString('hex').slice(0, 8)).toBe('e3b0c442');
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (entry) => {
      expect(entryOf(digestOf(entry))).toEqual(Uint8Array.from(entry));
    }),
  );
});

test.each([
  ['another algorithm', 'sha-512:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'],
  ['spare bits', 'sha-256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFV'],
  ['padding', 'sha-256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU='],
  ['base64', 'sha-256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU'],
  ['42 characters', 'sha-256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuF'],
  ['a newline', 'sha-256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU\n'],
  ['nothing', ''],
])('a digest with %s has no entry', (_, digest) => {
  expect(codeOf(() => entryOf(digest))).toBe('malformed');
});

test.each([0, 31, 33])('%i bytes are no entry', (length) => {
  expect(codeOf(() => digestOf(new Uint8Array(length)))).toBe('malformed');
});
