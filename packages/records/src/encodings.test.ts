import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeStrict, encodeStrict, encodings } from './encodings.ts';
import type { Encoding } from './encodings.ts';

/** Characters by the bytes that they need: 1, 2, in GB 18030 also 4. */
const inGbk = fc.string({
  unit: fc.constantFrom('a', '7', ' ', '|', '中', '李', '啊', '丂', '〇', '（', 'ａ'),
});
const anywhere = fc.string({
  unit: fc.constantFrom('a', '中', '𠮷', '㐂', '䶮', 'é', 'ß', '😀', '·', '\u00a0'),
});

const textsOf = (encoding: Encoding) => (encoding === 'gbk' ? inGbk : fc.oneof(inGbk, anywhere));

function attempt(bytes: Uint8Array, encoding: Encoding): string | undefined {
  try {
    return decodeStrict(bytes, encoding);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

describe.each(encodings)('%s', (encoding) => {
  it('gives back every text that it can write', () => {
    fc.assert(
      fc.property(textsOf(encoding), (text) => {
        expect(decodeStrict(encodeStrict(text, encoding), encoding)).toBe(text);
      }),
    );
  });

  it('of one byte changed is refused, or another text: never the same, never a question mark', () => {
    fc.assert(
      fc.property(textsOf(encoding), fc.nat(), fc.integer({ min: 1, max: 255 }), (text, pick, change) => {
        const bytes = encodeStrict(text, encoding);
        if (bytes.length === 0) return;
        const broken = Uint8Array.from(bytes);
        const at = pick % bytes.length;
        broken[at] = (broken[at] ?? 0) ^ change;
        const read = attempt(broken, encoding);
        expect(read).not.toBe(text);
        expect(read ?? '').not.toContain('\ufffd');
        const marks = (read ?? '').split('?').length - 1;
        expect(marks).toBeLessThanOrEqual(broken.filter((byte) => byte === 0x3f).length);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses any bytes, or reads exactly what it would write again', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        const read = attempt(bytes, encoding);
        if (read === undefined) return;
        expect(read).not.toContain('\ufffd');
        expect(read.isWellFormed()).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses half a character when it writes', () => {
    expect(() => encodeStrict('\ud842', encoding)).toThrow(RangeError);
  });
});

describe('what is no character', () => {
  it.each([
    ['gbk', [0x80]],
    ['gb18030', [0x80]],
    ['gbk', [0xff]],
    ['gb18030', [0xff]],
    ['gbk', [0xd6]],
    ['gb18030', [0xd6]],
    ['gbk', [0xd6, 0x7f]],
    ['gb18030', [0x81, 0x30]],
    ['gb18030', [0x81, 0x30, 0x81]],
    ['gb18030', [0xe3, 0x32, 0x9a, 0x36]],
    ['gbk', [0x95, 0x32, 0x82, 0x36]],
    ['utf-8', [0xc0, 0xaf]],
    ['utf-8', [0xed, 0xa0, 0x80]],
    ['utf-8', [0xf0, 0xa0, 0xae]],
    ['utf-8', [0xd6, 0xd0]],
  ] as const)('in %s, such as %j, is refused', (encoding, bytes) => {
    expect(() => decodeStrict(Uint8Array.from(bytes), encoding)).toThrow(RangeError);
    const within = Uint8Array.of(0x61, ...bytes, 0x20);
    expect(() => decodeStrict(within, encoding)).toThrow(RangeError);
  });

  it.each(['𠮷', '㐂', '😀', '€'])('the GBK that a bank writes cannot hold %s, and says so', (text) => {
    expect(() => encodeStrict(text, 'gbk')).toThrow(RangeError);
  });

  it('is not invented: four bytes of GB 18030 are one character', () => {
    expect(decodeStrict(Uint8Array.of(0x95, 0x32, 0x82, 0x36), 'gb18030')).toBe('𠀀');
    expect(decodeStrict(Uint8Array.of(0xd6, 0xd0), 'gbk')).toBe('中');
  });
});
