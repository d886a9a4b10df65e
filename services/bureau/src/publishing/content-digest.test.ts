import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { readContentDigest } from './content-digest.ts';

const bytes = createHash('sha256').update('x').digest();
const text = bytes.toString('base64');

describe('a Content-Digest', () => {
  it.each([`sha-256=:${text}:`, `sha-512=:${'A'.repeat(86)}==:, sha-256=:${text}:`])(
    'is read from %s',
    (header) => {
      expect(readContentDigest(header).equals(bytes)).toBe(true);
    },
  );

  it.each([
    undefined,
    '',
    `sha-256=${text}`,
    `sha-256=:${text.slice(0, -1)}:`,
    `sha-256=:${text.replaceAll(/[+/]/gu, '-')}_:`,
    `md5=:${text}:`,
    `sha-256=:${text}:, sha-256=:${text}:`,
  ])('is refused when it is %j', (header) => {
    expect(() => readContentDigest(header)).toThrow('digest_mismatch');
  });
});
