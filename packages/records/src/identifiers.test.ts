import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  carriesIdentifier,
  checkGb11643,
  checkGb32100,
  gb11643CheckDigit,
  gb11714CheckDigit,
  gb32100CheckDigit,
  normaliseIdentifier,
  subjectInput,
} from './identifiers.ts';

const persons = ['11010519491231002X', '990000199003070013', '99000019851224112X', '990000200002295005'];
const enterprises = ['91350100M000100Y43', '91110000600037341L', '91990000MA0000015Q', '91990000MA0000023K'];
const normal = (scheme: string, text: string) => () => normaliseIdentifier(scheme, text);

describe('GB 11643', () => {
  test.each(persons)('%s is a resident number', (value) => {
    expect(checkGb11643(value)).toBe(true);
    expect(gb11643CheckDigit(value.slice(0, 17))).toBe(value[17]);
  });

  test('a lower-case x and ASCII spaces around it are the same number', () => {
    expect(normaliseIdentifier('gb11643', ' 99000019851224112x ').value).toBe('99000019851224112X');
  });

  test('the 15-digit form is the same subject as the 18-digit form', () => {
    expect(normaliseIdentifier('gb11643', '110105491231002').value).toBe('11010519491231002X');
    expect(normaliseIdentifier('gb11643', '990000900307001').value).toBe('990000199003070013');
  });

  test('29 February exists in 2000 and is refused in 1900', () => {
    expect(checkGb11643('990000200002295005')).toBe(true);
    const first17 = '99000019000229500';
    expect(checkGb11643(first17 + gb11643CheckDigit(first17))).toBe(false);
    expect(normal('gb11643', '990000000229500')).toThrow(RangeError);
  });

  test('any one changed digit is refused', () => {
    for (const value of persons) {
      for (let at = 0; at < 17; at += 1) {
        const other = String((Number(value[at]) + 1) % 10);
        expect(normal('gb11643', value.slice(0, at) + other + value.slice(at + 1))).toThrow(RangeError);
      }
    }
  });

  test.each([
    ['a region that does not exist', '000000199003070'],
    ['a month 13', '990000199013070'],
    ['a day 00', '990000199003000'],
    ['a year before anybody lives', '990000170003070'],
  ])('%s is refused even with a right check digit', (_, first15) => {
    const first17 = `${first15}01`;
    expect(normal('gb11643', first17 + gb11643CheckDigit(first17))).toThrow(RangeError);
  });

  test('a 15-digit number whose century cannot be told is refused', () => {
    expect(normal('gb11643', '110105101231998')).toThrow(RangeError);
  });

  test.each([
    '',
    '0',
    '1101051949123100',
    '11010519491231002XX',
    'X1010519491231002X',
    '1101051949123100 2X',
  ])('"%s" is refused', (text) => expect(normal('gb11643', text)).toThrow(RangeError));
});

describe('GB 32100', () => {
  test.each(enterprises)('%s is a unified social credit code', (value) => {
    expect(checkGb32100(value)).toBe(true);
    expect(gb11714CheckDigit(value.slice(8, 16))).toBe(value[16]);
    expect(gb32100CheckDigit(value.slice(0, 17))).toBe(value[17]);
    expect(normaliseIdentifier('gb32100', value.toLowerCase()).value).toBe(value);
  });

  test('any one changed character is refused', () => {
    for (const value of enterprises) {
      for (let at = 0; at < value.length; at += 1) {
        const other = value[at] === '7' ? '8' : '7';
        expect(normal('gb32100', value.slice(0, at) + other + value.slice(at + 1))).toThrow(RangeError);
      }
    }
  });

  test('a wrong organisation code is refused although the last character fits', () => {
    const first17 = '91990000MA0000014';
    expect(normal('gb32100', first17 + gb32100CheckDigit(first17))).toThrow(RangeError);
  });

  test.each(['I', 'O', 'S', 'V', 'Z'])(
    'the letter %s, which the standard leaves out, is refused',
    (letter) => {
      expect(normal('gb32100', `91990000MA000001${letter}Q`)).toThrow(RangeError);
      expect(() => gb32100CheckDigit(`91990000MA000001${letter}`)).toThrow(RangeError);
    },
  );
});

describe('one subject has one spelling', () => {
  const zeroWidth = '\u200b';
  test.each([
    ['a full-width digit', '９90000199003070013'],
    ['a full-width X', '99000019851224112Ｘ'],
    ['a Cyrillic Х', '99000019851224112Х'],
    ['a zero-width space inside', `990000${zeroWidth}199003070013`],
    ['a zero-width space at the end', `990000199003070013${zeroWidth}`],
    ['a byte order mark', '\ufeff990000199003070013'],
    ['NUL inside', '990000\u0000199003070013'],
    ['NUL at the end', '990000199003070013\u0000'],
    ['a line break at the end', '990000199003070013\n'],
    ['a non-breaking space', '990000199003070013\u00a0'],
    ['Arabic-Indic digits', '٩90000199003070013'],
    ['a combining mark', '99000019851224112X\u0301'],
  ])('S73: %s never makes a second subject: refused', (_, text) => {
    expect(normal('gb11643', text)).toThrow(RangeError);
  });

  test('S73: Cyrillic А and С in a credit code are refused', () => {
    expect(normal('gb32100', '91990000MА0000015Q')).toThrow(RangeError);
  });

  test('S73: no text with a character outside ASCII is ever read', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...persons),
        fc.nat(18),
        fc.string({ unit: 'grapheme', minLength: 1 }),
        (value, at, extra) => {
          fc.pre(/[^ -~]/u.test(extra));
          expect(normal('gb11643', value.slice(0, at) + extra + value.slice(at))).toThrow(RangeError);
        },
      ),
    );
  });

  test('S73: whatever is accepted is already, or becomes, the one normal form', () => {
    fc.assert(
      fc.property(fc.mixedCase(fc.constantFrom(...enterprises)), fc.nat(3), (text, spaces) => {
        const once = normaliseIdentifier('gb32100', text + ' '.repeat(spaces));
        expect(normaliseIdentifier('gb32100', once.value)).toEqual(once);
        expect(enterprises).toContain(once.value);
      }),
    );
  });

  test('the input of a reference is scheme and value in UTF-8', () => {
    const bytes = subjectInput(normaliseIdentifier('gb11643', '99000019851224112x'));
    expect(new TextDecoder().decode(bytes)).toBe('gb11643:99000019851224112X');
  });

  test('an identifier that skipped normalisation makes no input', () => {
    expect(() => subjectInput({ scheme: 'gb11643', value: '99000019851224112x' })).toThrow(RangeError);
    expect(() => subjectInput({ scheme: 'gb11643', value: '110105491231002' })).toThrow(RangeError);
    expect(() => subjectInput({ scheme: 'gb32100', value: '91990000MA0000015R' })).toThrow(RangeError);
  });

  test('an unknown scheme is refused, and no error repeats the identifier', () => {
    expect(normal('passport', 'E12345678')).toThrow(RangeError);
    expect(normal('gb11643', '990000199003070014')).toThrow(/^not a valid resident number \(GB 11643\)$/u);
    expect(normal('gb11643', '99000019900307001３')).toThrow(
      /^an identifier is ASCII letters and digits only$/u,
    );
  });
});

describe('texts that carry an identifier', () => {
  test.each([
    '990000199003070013',
    'client 99000019851224112x',
    'ID:990000199003070013;',
    'no 91990000MA0000015Q',
    '９９００００１９９００３０７００１３',
    '身份证：990000-19900307-0013。',
    '990000 19900307 0013',
    '99000019851224112 x',
  ])('"%s" does', (text) => expect(carriesIdentifier(text)).toBe(true));

  test.each(['990000-19900307-0014', '2024-05-01 12345678', '９９００００１９９００３０７００１４'])(
    '"%s" does not, however it is grouped or written',
    (text) => expect(carriesIdentifier(text)).toBe(false),
  );

  test.each(['990000199003070014', '1990000199003070013', 'loan-4959', '', '91990000MA0000015R'])(
    '"%s" does not',
    (text) => expect(carriesIdentifier(text)).toBe(false),
  );
});
