import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normaliseIdentifier, subjectInput } from './identifiers.ts';
import { passportCheckDigit } from './passport.ts';
import { passportStates } from './passport-states.ts';

const normal = (text: string): string => normaliseIdentifier('passport', text).value;
const states = [...passportStates];
const number = fc.stringMatching(/^[0-9A-Z]{0,8}[0-9]$/u);

describe('the check digit', () => {
  test.each([
    ['L898902C3', '6'],
    ['D23145890', '7'],
    ['520727', '3'],
    ['AB2134<<<', '5'],
  ])('of %s is %s, as in ICAO Doc 9303', (field, digit) => {
    expect(passportCheckDigit(field)).toBe(digit);
  });

  test('any other character is refused', () => {
    for (const field of ['l898902c3', 'L89 902C3', 'Ｌ898902C3']) {
      expect(() => passportCheckDigit(field)).toThrow(RangeError);
    }
  });
});

describe('one passport, one normal form', () => {
  test('state and number, whether filled and checked or not, in capitals or not', () => {
    expect(normal('UTOL898902C3')).toBe('UTOL898902C3');
    expect(normal('UTOL898902C36')).toBe('UTOL898902C3');
    expect(normal(' utol898902c3 ')).toBe('UTOL898902C3');
    expect(normal('UTOAB2134<<<5')).toBe('UTOAB2134');
    expect(new TextDecoder().decode(subjectInput({ scheme: 'passport', value: 'UTOAB2134' }))).toBe(
      'passport:UTOAB2134',
    );
  });

  test('Germany has one spelling', () => {
    expect([normal('D<<C01X00T47'), normal('DEUC01X00T47')]).toEqual(['D<<C01X00T47', 'D<<C01X00T47']);
  });

  test('a normal form stays as it is, and the zone’s form comes to it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...states), number, (state, document) => {
        const value = normal(state + document);
        expect(normal(value)).toBe(value);
        const field = document.padEnd(9, '<');
        expect(normal(`${state}${field}${passportCheckDigit(field)}`)).toBe(value);
      }),
    );
  });

  test('the same number of two states is two subjects', () => {
    expect(normal('CHNE12345678')).not.toBe(normal('UTOE12345678'));
  });
});

describe('S73 what is none is refused', () => {
  test.each([
    ['no state', 'ZZZE12345678'],
    ['a state that writes itself otherwise', 'GERE12345678'],
    ['a wrong check digit', 'UTOL898902C37'],
    ['no number', 'UTO'],
    ['fillers only', 'UTO<<<<<<<<<0'],
    ['letters only', 'UTOABCDEFG'],
    ['a filler in the midst', 'UTOAB<134<<<5'],
    ['a filler at the end of a short form', 'UTOAB2134<'],
    ['a number too long', 'UTOAB21341234567'],
    ['a full-width digit', 'UTOL89890２C3'],
    ['a Cyrillic letter', 'UTOL898902С3'],
    ['a zero-width character', 'UTOL8989\u200b02C3'],
    ['NUL', 'UTOL898902C3\0'],
    ['a hyphen', 'UTO-L898902C3'],
  ])('%s', (_what, text) => {
    expect(() => normal(text)).toThrow(RangeError);
  });

  test('a filler belongs to a passport only', () => {
    expect(() => normaliseIdentifier('gb11643', '99000019900307001<')).toThrow(RangeError);
    expect(() => normaliseIdentifier('gb32100', '91990000MA000001<Q')).toThrow(RangeError);
  });

  function refusalOf(text: string): string | undefined {
    try {
      normal(text);
      return undefined;
    } catch (error) {
      return String(error);
    }
  }

  test('the text of a refusal repeats nothing of the number', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4 }), (text) => {
        const told = refusalOf(text);
        expect(told === undefined || !told.includes(text)).toBe(true);
      }),
    );
  });
});
