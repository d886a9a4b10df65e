import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  addMonths,
  dateOf,
  dateOfDayNumber,
  dayNumber,
  daysBetween,
  daysInMonth,
  endOfDay,
  isDate,
  isMonth,
  isPartialDate,
  lastDayOf,
} from './dates.ts';

describe('the calendar', () => {
  it('agrees with Date on every day of the years 0000 to 9999', () => {
    fc.assert(
      fc.property(fc.integer({ min: -719_528, max: 2_932_896 }), (days) => {
        const text = new Date(days * 86_400_000).toISOString().slice(0, 10);
        expect(dateOfDayNumber(days)).toBe(text);
        expect(dayNumber(text)).toBe(days);
        expect(isDate(text)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it.each(['2024-02-29', '2000-02-29', '1999-12-31'])('%s exists', (text) => {
    expect(isDate(text)).toBe(true);
  });

  it.each([
    '2023-02-29',
    '1900-02-29',
    '2024-04-31',
    '2024-13-01',
    '2024-00-10',
    '2024-1-1',
    '20240101',
    '2024-01-01 ',
    '',
  ])('%j does not', (text) => {
    expect(isDate(text)).toBe(false);
    expect(() => dayNumber(text)).toThrow(RangeError);
  });

  it('knows three precisions', () => {
    for (const text of ['2024', '2024-02', '2024-02-29']) expect(isPartialDate(text)).toBe(true);
    for (const text of ['24', '2024-13', '2024-02-30', '2024-']) expect(isPartialDate(text)).toBe(false);
    expect(isMonth('2024-02-01')).toBe(false);
  });

  it('moves by days and months', () => {
    expect(addDays('2024-02-28', 2)).toBe('2024-03-01');
    expect(addDays('2024-01-01', -1)).toBe('2023-12-31');
    expect(daysBetween('2024-01-01', '2025-01-01')).toBe(366);
    expect(addMonths('2024-01-31', 1)).toBe('2024-02-29');
    expect(addMonths('2024-01-31', 13)).toBe('2025-02-28');
    expect(addMonths('2024-01', -1)).toBe('2023-12');
    expect(addMonths('2024-12', 1)).toBe('2025-01');
  });

  it('ends at both ends', () => {
    expect(() => addDays('9999-12-31', 1)).toThrow(RangeError);
    expect(() => addMonths('0000-01', -1)).toThrow(RangeError);
    expect(() => addMonths('2024', 1)).toThrow(RangeError);
    expect(() => daysInMonth(2024, 13)).toThrow(RangeError);
  });

  it('a day begins where the zone says', () => {
    const ms = Date.UTC(2026, 10, 22, 16, 0, 0);
    expect(dateOf(ms - 1, 'Asia/Shanghai')).toBe('2026-11-22');
    expect(dateOf(ms, 'Asia/Shanghai')).toBe('2026-11-23');
    expect(dateOf(ms, 'UTC')).toBe('2026-11-22');
    expect(() => dateOf(ms, 'Nowhere/Town')).toThrow(RangeError);
  });

  it.each([
    ['2024-02', '2024-02-29'],
    ['2023', '2023-12-31'],
    ['2023-04-03', '2023-04-03'],
  ])('%s means at the latest %s', (date, last) => {
    expect(lastDayOf(date)).toBe(last);
  });

  it.each(['', '24', '2024-13', '2023-02-29'])('%j means no day', (date) => {
    expect(() => lastDayOf(date)).toThrow(RangeError);
  });
});

describe('the end of a day', () => {
  it('is the first instant of the next one, in any zone and through every change of the clocks', () => {
    const zones = fc.constantFrom(
      'Asia/Shanghai',
      'America/New_York',
      'Europe/Berlin',
      'UTC',
      'Asia/Kolkata',
    );
    fc.assert(
      fc.property(fc.integer({ min: dayNumber('1950-01-01'), max: 60_000 }), zones, (days, zone) => {
        const date = dateOfDayNumber(days);
        const end = endOfDay(date, zone);
        expect(dateOf(end - 1, zone)).toBe(date);
        expect(dateOf(end, zone)).toBe(addDays(date, 1));
      }),
      { numRuns: 1000 },
    );
  });

  it('is four in the afternoon of UTC where it is midnight in Shanghai', () => {
    expect(endOfDay('2026-02-28', 'Asia/Shanghai')).toBe(Date.UTC(2026, 1, 28, 16));
  });

  it('of a day that does not exist does not exist', () => {
    expect(() => endOfDay('2023-02-29', 'UTC')).toThrow(RangeError);
  });
});
