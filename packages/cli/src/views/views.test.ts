import { expect, test } from 'vitest';
import { cells } from '../terminal.ts';
import { amount } from './amounts.ts';
import { table } from './table.ts';

test('amounts are written exactly, with the decimals of their currency and thousands apart', () => {
  expect(amount('123456789', 'CNY')).toBe('1,234,567.89');
  expect(amount('5', 'CNY')).toBe('0.05');
  expect(amount('0', 'CNY')).toBe('0.00');
  expect(amount('1234567', 'JPY')).toBe('1,234,567');
  expect(amount('900719925474099312', 'CNY')).toBe('9,007,199,254,740,993.12');
});

test('an amount that the source did not state is a dash, never a zero', () => {
  expect(amount(undefined, 'CNY')).toBe('–');
});

test('Chinese names take two cells a character, rare characters beyond the BMP too', () => {
  expect(cells('李娜')).toBe(4);
  expect(cells('𠮷田')).toBe(4);
  expect(cells('li-na')).toBe(5);
});

test('columns line up whatever the script and the colour of a cell', () => {
  const rows = table(
    [{ head: 'name' }, { head: 'n', align: 'right' }],
    [
      ['李娜', '1'],
      ['\u001b[31mwu\u001b[39m', '1000'],
    ],
  );
  expect(rows).toEqual(['name     n', '────  ────', '李娜     1', '\u001b[31mwu\u001b[39m    1000']);
});
