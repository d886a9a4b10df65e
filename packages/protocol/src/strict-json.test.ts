import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf } from './refusal.fixture.ts';
import { parseStrictJson } from './strict-json.ts';

const codeFor = (input: string | Uint8Array) => codeOf(() => parseStrictJson(input));
/** The value in a box (-0 as 0), or undefined where it was refused. */
function outcome(parse: () => unknown): { value: unknown } | undefined {
  try {
    const value = parse();
    return { value: value === 0 ? 0 : value };
  } catch {
    return undefined;
  }
}
const refused = 'statement_malformed';

const plainText = fc
  .string({ unit: 'binary' })
  .filter((text) => text.isWellFormed() && !text.includes('\u0000'));
const { value: json } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
    plainText,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 6 }),
    fc.dictionary(
      plainText.filter((key) => key !== '__proto__'),
      tie('value'),
      { noNullPrototype: true, maxKeys: 6 },
    ),
  ),
}));

describe('agrees with JSON.parse on all that it accepts', () => {
  it('S40 for any value, compact or spaced, as text or as bytes', () => {
    fc.assert(
      fc.property(json, fc.constantFrom(undefined, 1, '\t', ' \r\n'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const expected: unknown = JSON.parse(text);
        expect(parseStrictJson(text)).toEqual(expected);
        expect(parseStrictJson(new TextEncoder().encode(text))).toEqual(expected);
      }),
    );
  });

  it('S40 and says the same of a text however it is spaced, be it refused or not', () => {
    const leaf = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(2 ** 53, -(2 ** 53), -0, 1.5, 1e21));
    const key = fc.constantFrom('a', 'b', '1', '0', '__proto__', 'a\\', '\ud800', '\u0000', 'é');
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        leaf,
        key,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.array(fc.tuple(key, tie('tree')), { maxLength: 3 }).map((entries) => ({ entries })),
      ),
    }));
    /** Entries are written as an object, so that a key may stand twice. */
    const written = (value: unknown): string => {
      if (Array.isArray(value)) return `[${value.map(written).join(',')}]`;
      if (typeof value !== 'object' || value === null) return JSON.stringify(value);
      const { entries } = value as { entries: [string, unknown][] };
      return `{${entries.map(([name, part]) => `${JSON.stringify(name)}:${written(part)}`).join(',')}}`;
    };
    fc.assert(
      fc.property(tree, fc.integer({ min: 1, max: 6 }), (value, depthMax) => {
        const text = written(value);
        const [compact, spaced] = [text, ` ${text}`].map((each) =>
          outcome(() => parseStrictJson(each, { depthMax })),
        );
        expect(compact).toEqual(spaced);
      }),
      { numRuns: 3000 },
    );
  });

  it('S40 with every character of a string written as an escape', () => {
    fc.assert(
      fc.property(plainText, (text) => {
        const escaped = text
          .split('')
          .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
          .join('');
        expect(parseStrictJson(`"${escaped}"`)).toBe(text);
      }),
    );
  });

  it('refuses whatever JSON.parse refuses', () => {
    const fragments = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      'a',
      '1',
      '-',
      '.',
      'e',
      'null',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(fragments, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        const theirs = outcome(() => JSON.parse(text));
        const ours = outcome(() => parseStrictJson(text));
        expect(ours === undefined || isDeepStrictEqual(ours, theirs)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('S40 what means the same is the same', () => {
  it.each([
    ['1.0', 1],
    ['1e2', 100],
    ['1.00E+1', 10],
    ['-0', 0],
    ['"\\u0041\\/"', 'A/'],
    ['"\\ud83d\\ude00"', '😀'],
    [' [ 1 , 2 ] ', [1, 2]],
    ['{"b":1,"a":2}', { a: 2, b: 1 }],
  ])('%s', (text, value) => {
    expect(parseStrictJson(text)).toEqual(value);
  });

  it('S40 NFC and NFD are different strings, and different keys', () => {
    const [nfc, nfd] = ['\u00e9', 'e\u0301'];
    expect(parseStrictJson(`"${nfd}"`)).not.toBe(nfc);
    expect(Object.keys(parseStrictJson(`{"${nfc}":1,"${nfd}":2}`) as object)).toHaveLength(2);
  });
});

describe('S40 what JSON.parse lets pass silently is refused', () => {
  it.each([
    ['a duplicate key', '{"a":1,"a":2}'],
    ['a duplicate key in another spelling', '{"a":1,"\\u0061":2}'],
    ['a duplicate key far down', '[{"x":{"a":1,"b":2,"a":1}}]'],
    ['an integer that would be rounded', '9007199254740993'],
    ['the first integer that is not safe', '9007199254740992'],
    ['a huge integer', `1${'0'.repeat(400)}`],
    ['a huge exponent', '1e400'],
    ['a fraction', '1.5'],
    ['a fraction that rounding would hide', '1.00000000000000000001'],
    ['a negative exponent', '100e-2'],
    ['a lone surrogate', '"\\ud800"'],
    ['a reversed pair', '"\\ude00\\ud83d"'],
    ['U+0000', '"a\\u0000b"'],
    ['a lone surrogate in the text itself', '"\ud800"'],
    ['U+0000 in a key', '{"\\u0000":1}'],
  ])('S40 %s', (_what, text) => {
    expect(codeFor(text)).toBe(refused);
  });
});

describe('S64 JSON that is none, or too much', () => {
  it.each([
    '',
    ' ',
    '{',
    '{"a"',
    '{"a":',
    '{"a":1,}',
    '[1,]',
    '[,1]',
    '{a:1}',
    "{'a':1}",
    '01',
    '+1',
    '-',
    '1.',
    '.5',
    '1e',
    '0x10',
    'NaN',
    'Infinity',
    'undefined',
    'tru',
    'nulll',
    '"a',
    '"\\x41"',
    '"\\u00g0"',
    '"\\u123"',
    '"\n"',
    '"\u0001"',
    '1 2',
    '{} {}',
    '\ufeff{}',
    '/* */1',
    '\u00a01',
  ])('S64 %j', (text) => {
    expect(codeFor(text)).toBe(refused);
  });

  it('S64 depth 32 passes, 33 is refused, and a bomb is refused at once', () => {
    const nested = (n: number) => '['.repeat(n) + ']'.repeat(n);
    expect(parseStrictJson(nested(32))).toBeDefined();
    expect(codeFor(nested(33))).toBe(refused);
    expect(codeFor('['.repeat(5_000_000))).toBe(refused);
    expect(codeFor('{"a":'.repeat(1_000_000))).toBe(refused);
  });

  it('S64 size is bounded before anything is read', () => {
    expect(codeOf(() => parseStrictJson('"aaaa"', { bytesMax: 5 }))).toBe(refused);
    expect(parseStrictJson('"aaa"', { bytesMax: 5 })).toBe('aaa');
  });

  it('S64 a long string, a long number and many keys take linear time', () => {
    const keys = Array.from({ length: 50_000 }, (_, i) => `"k${String(i)}":1`).join(',');
    expect(Object.keys(parseStrictJson(`{${keys}}`) as object)).toHaveLength(50_000);
    expect(parseStrictJson(`"${'\\n'.repeat(500_000)}"`)).toHaveLength(500_000);
    expect(parseStrictJson(`"${'x'.repeat(5_000_000)}"`)).toHaveLength(5_000_000);
    expect(codeFor('9'.repeat(5_000_000))).toBe(refused);
    expect(codeFor(`"${'x'.repeat(5_000_000)}`)).toBe(refused);
  });

  it.each([
    ['an overlong encoding', [0x22, 0xc0, 0xaf, 0x22]],
    ['a surrogate in UTF-8', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a cut sequence', [0x22, 0xe5, 0xbc, 0x22]],
    ['GB 18030 bytes', [0x22, 0xd5, 0xc5, 0xc8, 0xfd, 0x22]],
    ['a byte order mark', [0xef, 0xbb, 0xbf, 0x31]],
  ])('S64 bytes that are not UTF-8: %s', (_what, bytes) => {
    expect(codeFor(Uint8Array.from(bytes))).toBe(refused);
  });
});

describe('S65 no key reaches a prototype', () => {
  it.each(['{"__proto__":{"admin":true}}', '{"a":{"__proto__":1}}', '{"\\u005f_proto__":1}'])(
    'S65 %s',
    (text) => {
      expect(codeFor(text)).toBe(refused);
      expect(Reflect.get({}, 'admin')).toBeUndefined();
    },
  );

  it('S65 names of inherited members are ordinary keys', () => {
    const value = parseStrictJson('{"constructor":1,"toString":2,"hasOwnProperty":3}');
    expect(Object.entries(value as object)).toEqual([
      ['constructor', 1],
      ['toString', 2],
      ['hasOwnProperty', 3],
    ]);
  });
});
