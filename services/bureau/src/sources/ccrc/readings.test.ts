import { expect, test } from 'vitest';

import { meaningIn } from './codes.ts';
import { Draft } from './draft.ts';
import { pseudonymsUnder } from './pseudonyms.ts';
import { dayOfTime, monthOf, wholeMinor } from './readings.ts';
import { Report } from './report.ts';

test.each([
  ['2019-10-16T17:46:36', '2019-10-16'],
  ['2019-10-16T17:46:36Z', '2019-10-17'],
  ['2019-10-16T23:59:59+08:00', '2019-10-16'],
  ['2019-10-16T23:59:59-05:00', '2019-10-17'],
  ['2019-02-30T00:00:00', undefined],
  ['2019-10-16', undefined],
  ['2019-10-16T24:61:00', undefined],
  ['0000-01-01T00:00:00', undefined],
  ['9999-12-31T23:59:59-12:00', undefined],
])('the day of %s in Shanghai is %s', (text, day) => {
  expect(dayOfTime(text)).toBe(day);
});

test.each([
  ['2019-10', '2019-10'],
  ['2019-10-16', '2019-10'],
  ['2019', undefined],
  ['2019-13', undefined],
  ['2019-02-30', undefined],
  ['0005-01', undefined],
])('the month of %s is %s', (text, month) => {
  expect(monthOf(text)).toBe(month);
});

test.each([
  ['12,000', 'CNY', '1200000'],
  ['12000', 'JPY', '12000'],
  ['0', 'CNY', '0'],
  ['-5', 'CNY', undefined],
  ['12,00', 'CNY', undefined],
  ['9999999999999999', 'CNY', '999999999999999900'],
  ['99,999,999,999,999,999', 'CNY', undefined],
  ['1', 'XXX', undefined],
])('%s whole %s are %s minor units', (text, currency, minor) => {
  expect(wholeMinor(text, currency)).toBe(minor);
});

test('a code that is the name of what every object has means nothing', () => {
  expect(meaningIn({ 1: 'a' }, '1')).toBe('a');
  expect(meaningIn({ 1: 'a' }, 'constructor')).toBeUndefined();
  expect(meaningIn({ 1: 'a' }, '__proto__')).toBeUndefined();
});

test.each(['990000199003070013', '李娜', 'x'.repeat(513)])(
  '%j is not kept beside a record, and noted',
  (text) => {
    const report = new Report('person', pseudonymsUnder('A'.repeat(43)), 'n', '2026-01-02');
    const draft = new Draft(report);
    draft.keep('PD01AI04', 'A-1');
    draft.keep('PD01AD05', text);
    expect(draft.ext).toEqual({ PD01AI04: 'A-1' });
    expect(report.notes).toEqual([{ field: 'PD01AD05', what: 'dropped' }]);
  },
);
