import { dateOf } from '@causeway/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amountReader, ppmOf } from './amount-values.ts';
import { dateReader, formatFault } from './date-values.ts';

const decimal = (options: object) => amountReader({ as: 'decimal', currency: 'CNY', ...options });
const minor = (options: object) => amountReader({ as: 'minor', currency: 'CNY', ...options });

describe('an amount', () => {
  it.each([
    [decimal({}), '8095.20', '809520'],
    [decimal({}), '-0.00', '0'],
    [decimal({ thousands: ',' }), '1,234,567.8', '123456780'],
    [decimal({ thousands: ',' }), '1234567.8', '123456780'],
    [decimal({ thousands: '.', point: ',' }), '-1.234,50', '-123450'],
    [decimal({ thousands: ' ', point: ',' }), '12 000', '1200000'],
    [decimal({ sign: 'last' }), '12.50-', '-1250'],
    [decimal({ sign: 'last' }), '12.50+', '1250'],
    [decimal({ sign: 'first' }), '+12.50', '1250'],
    [minor({}), '000000000809520', '809520'],
    [minor({ sign: 'last' }), '00000000000000-', '0'],
    [minor({ sign: 'last' }), '00000001500000-', '-1500000'],
    [minor({ decimals: 0 }), '0012', '1200'],
    [minor({ decimals: 4 }), '1234500', '12345'],
    [amountReader({ as: 'minor', currency: 'JPY', decimals: 2 }), '1200', '12'],
  ])('%# is read exactly: %j', (read, text, amount) => {
    expect(read(text)).toBe(amount);
  });

  it.each([
    [decimal({}), '8,095.20'],
    [decimal({}), '1e3'],
    [decimal({}), '0.001'],
    [decimal({}), '１２'],
    [decimal({}), ''],
    [decimal({ thousands: ',' }), '1,23'],
    [decimal({ thousands: ',' }), '12,3456.00'],
    [decimal({ thousands: ',' }), ',123'],
    [decimal({ thousands: ',' }), '1,234.5,6'],
    [decimal({ thousands: '.', point: ',' }), '1,234.50'],
    [decimal({ sign: 'last' }), '-12.50'],
    [decimal({ sign: 'first' }), '--1'],
    [minor({}), '12.5'],
    [minor({}), '9'.repeat(19)],
    [minor({ decimals: 4 }), '1234567'],
    [minor({}), ''],
  ])('%# is refused rather than guessed: %j', (read, text) => {
    expect(read(text)).toBeUndefined();
  });

  it('is the same in every way that banks write it', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }), (fen) => {
        const text = fen.toString();
        const digits = (fen < 0n ? -fen : fen).toString().padStart(3, '0');
        const sign = fen < 0n ? '-' : '';
        const whole = digits.slice(0, -2);
        const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/gu, ',');
        expect(decimal({})(`${sign}${whole}.${digits.slice(-2)}`)).toBe(text);
        expect(decimal({ thousands: ',' })(`${sign}${grouped}.${digits.slice(-2)}`)).toBe(text);
        expect(minor({ sign: 'last' })(digits.padStart(20, '0') + (sign || '+'))).toBe(text);
      }),
    );
  });
});

describe('a ratio', () => {
  it.each([
    ['12.5', 'percent', 125_000],
    ['0.0365', 'fraction', 36_500],
    ['365', 'basis_points', 36_500],
    ['0', 'percent', 0],
  ] as const)('%s %s is %i parts in a million', (text, unit, ppm) => {
    expect(ppmOf(text, unit)).toBe(ppm);
  });

  it.each([
    ['12.5%', 'percent'],
    ['-1', 'percent'],
    ['0.00001', 'percent'],
    ['1e-3', 'fraction'],
    ['', 'fraction'],
  ] as const)('%j %s is refused', (text, unit) => {
    expect(ppmOf(text, unit)).toBeUndefined();
  });
});

describe('a date', () => {
  it.each([
    ['YYYY-MM-DD', '2024-02-29', '2024-02-29'],
    ['YYYYMMDD', '20240229', '2024-02-29'],
    ['MM/DD/YYYY', '02/29/2024', '2024-02-29'],
    ['M/D/YYYY', '2/9/2024', '2024-02-09'],
    ['D.M.YYYY', '29.12.2024', '2024-12-29'],
    ['YYYY年M月D日', '2024年2月9日', '2024-02-09'],
    ['YYYYMM', '202402', '2024-02'],
    ['MM/YYYY', '02/2024', '2024-02'],
    ['YYYY', '2024', '2024'],
    ['YYYY-MM-DD HH:mm:ss', '2024-02-09 23:59:59', '2024-02-09'],
    ['YYYY-MM-DDTHH:mm', '2024-02-09T23:59', '2024-02-09'],
    ['epoch_s', '1530000000', '2018-06-26'],
    ['epoch_ms', '1561910400000', '2019-07-01'],
    ['epoch_s', '0', '1970-01-01'],
  ])('written as %s is read: %s', (format, text, date) => {
    expect(dateReader(format)(text)).toBe(date);
    expect(dateReader(format)(text)).toBe(date);
  });

  it.each([
    ['YYYY-MM-DD', '2023-02-29'],
    ['YYYY-MM-DD', '2023-2-1'],
    ['YYYYMMDD', '2023-01-01'],
    ['M/D/YYYY', '13/1/2023'],
    ['M/D/YYYY', '0/1/2023'],
    ['YYYY.MM.DD', '2023x01x01'],
    ['YYYYMM', '202313'],
    ['epoch_s', '-1'],
    ['epoch_s', '1.5'],
    ['epoch_ms', '999999999999999'],
    ['epoch_s', ''],
  ])('written as %s is refused: %j', (format, text) => {
    expect(dateReader(format)(text)).toBeUndefined();
  });

  it('of an instant is that of its zone, as the calendar of the zone says', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (seconds) => {
        expect(dateReader('epoch_s')(String(seconds))).toBe(dateOf(seconds * 1000, 'Etc/GMT-8'));
        expect(dateReader('epoch_s', '-05:00')(String(seconds))).toBe(dateOf(seconds * 1000, 'Etc/GMT+5'));
      }),
    );
  });

  it.each(['MM-DD', 'YYYYDD', 'YYYY-MM-MM', 'YYYY-M-MM', 'HH:mm'])('has no format %s', (format) => {
    expect(formatFault(format)).toBeDefined();
  });
});
