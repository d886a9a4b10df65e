import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addMoney,
  compareMoney,
  currencyExponent,
  formatMoney,
  minorUnits,
  moneyOf,
  parseDecimal,
} from './money.ts';

const cny = (amount_minor: string) => ({ amount_minor, currency: 'CNY' });
const amount = fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n });

describe('a decimal becomes minor units', () => {
  it.each([
    ['8095.20', 'CNY', '809520'],
    ['8095.2', 'CNY', '809520'],
    ['8095', 'CNY', '809500'],
    ['-3.00', 'CNY', '-300'],
    ['-0.00', 'CNY', '0'],
    ['007.5', 'CNY', '750'],
    ['0.01', 'CZK', '1'],
    ['12.500', 'CNY', '1250'],
    ['.5', 'CNY', '50'],
    ['-.50', 'CNY', '-50'],
    ['.0', 'JPY', '0'],
    ['1234', 'JPY', '1234'],
    ['1.234', 'KWD', '1234'],
  ])('%s %s', (text, currency, minor) => {
    expect(parseDecimal(text, currency)).toEqual({ amount_minor: minor, currency });
  });

  it.each([
    '',
    ' 1',
    '1 ',
    '+1',
    '1,000',
    '1.',
    '.',
    '-',
    '-.',
    '1e3',
    '0x1',
    'NaN',
    '１２',
    '1.005',
    '--1',
    '1.2.3',
    '9'.repeat(19),
  ])('%j is refused', (text) => expect(() => parseDecimal(text, 'CNY')).toThrow(RangeError));

  it.each(['XXX', '', 'cny', '__proto__', 'toString'])('currency %j is refused', (currency) => {
    expect(() => parseDecimal('1', currency)).toThrow(RangeError);
    expect(() => currencyExponent(currency)).toThrow(RangeError);
  });
});

describe('amounts', () => {
  it('add and compare as integers do, without loss', () => {
    fc.assert(
      fc.property(amount, amount, (a, b) => {
        const [x, y] = [moneyOf(a, 'CNY'), moneyOf(b, 'CNY')];
        expect(minorUnits(addMoney(x, y))).toBe(a + b);
        expect(Math.sign(compareMoney(x, y))).toBe(a < b ? -1 : Number(a > b));
        expect(parseDecimal(formatMoney(x).replaceAll(',', '').slice(0, -4), 'CNY')).toEqual(x);
      }),
    );
  });

  it.each([
    ['0', '0.00 CNY'],
    ['-5', '-0.05 CNY'],
    ['100000000', '1,000,000.00 CNY'],
  ])('%s is shown as %s', (minor, shown) => {
    expect(formatMoney(cny(minor))).toBe(shown);
  });

  it('of two currencies neither add nor compare', () => {
    const czk = { amount_minor: '1', currency: 'CZK' };
    expect(() => addMoney(cny('1'), czk)).toThrow(RangeError);
    expect(() => compareMoney(cny('1'), czk)).toThrow(RangeError);
  });

  it.each(['', '01', '-0', '+1', '1.0', '1e3', ' 1', '9'.repeat(19)])('spelled %j are refused', (minor) => {
    expect(() => minorUnits(cny(minor))).toThrow(RangeError);
  });

  it('past 18 digits are refused, not cut', () => {
    expect(() => addMoney(cny('9'.repeat(18)), cny('1'))).toThrow(RangeError);
  });
});
