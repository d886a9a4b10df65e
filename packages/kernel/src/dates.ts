/** A calendar date as far as it is known: 'YYYY', 'YYYY-MM' or 'YYYY-MM-DD'. No time, no zone. */
export type PDate = string;

const dateExpression = /^(\d{4})-(\d{2})-(\d{2})$/u;
const monthExpression = /^(\d{4})-(0[1-9]|1[0-2])$/u;
const yearExpression = /^\d{4}$/u;

/**
 * JSON Schema patterns for the shapes; the calendar itself (30 February) is checked by the functions below.
 */
export const datePattern = '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$';
export const monthPattern = '^[0-9]{4}-(0[1-9]|1[0-2])$';

const daysByMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** Days in a month of the proleptic Gregorian calendar; month 1 to 12. Throws RangeError outside it. */
export function daysInMonth(year: number, month: number): number {
  const days = daysByMonth[month - 1];
  if (days === undefined) throw new RangeError('no such month');
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 && leap ? 29 : days;
}

/** True for a day that exists: '2024-02-29' yes, '2023-02-29' no. */
export function isDate(text: string): boolean {
  const match = dateExpression.exec(text);
  if (!match) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

/** True for 'YYYY-MM'. */
export function isMonth(text: string): boolean {
  return monthExpression.test(text);
}

/** True for any of the three precisions of PDate. */
export function isPartialDate(text: string): boolean {
  return yearExpression.test(text) || isMonth(text) || isDate(text);
}

/** Days since 1970-01-01 of a full date. Throws RangeError for a day that does not exist. */
export function dayNumber(date: PDate): number {
  if (!isDate(date)) throw new RangeError('not a calendar date');
  const month = Number(date.slice(5, 7));
  const year = Number(date.slice(0, 4)) - (month <= 2 ? 1 : 0);
  const era = Math.floor(year / 400);
  const yearOfEra = year - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + Number(date.slice(8)) - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The full date that is `days` after 1970-01-01. Throws RangeError outside the years 0000 to 9999. */
export function dateOfDayNumber(days: number): PDate {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return join(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day);
}

/** A full date moved by whole days. */
export function addDays(date: PDate, days: number): PDate {
  return dateOfDayNumber(dayNumber(date) + days);
}

/** Whole days from `from` to `to`; negative when `to` is earlier. */
export function daysBetween(from: PDate, to: PDate): number {
  return dayNumber(to) - dayNumber(from);
}

/**
 * A month or full date moved by whole months, in the precision it came in; the 31st becomes the month's last
 * day.
 */
export function addMonths(date: PDate, months: number): PDate {
  if (!isMonth(date) && !isDate(date)) throw new RangeError('not a month or date');
  const index = Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1 + months;
  const [year, month] = [Math.floor(index / 12), (((index % 12) + 12) % 12) + 1];
  if (isMonth(date)) return join(year, month);
  return join(year, month, Math.min(Number(date.slice(8)), daysInMonth(year, month)));
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  const formatter = new Intl.DateTimeFormat('en-CA', {
    ...{ timeZone: zone, calendar: 'gregory', hourCycle: 'h23' },
    ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
  });
  formatters.set(zone, formatter);
  return formatter;
}

/** What calendar and clock of a zone show at an instant. */
function partsOf(ms: number, zone: string): (part: Intl.DateTimeFormatPartTypes) => number {
  const parts = formatterOf(zone).formatToParts(ms);
  const values = new Map(parts.map((part) => [part.type, Number(part.value)]));
  return (part) => values.get(part) ?? 0;
}

/** The calendar date at an instant (ms since the epoch) in an IANA zone, such as 'Asia/Shanghai'. */
export function dateOf(ms: number, zone: string): PDate {
  const part = partsOf(ms, zone);
  return join(part('year'), part('month'), part('day'));
}

const dayMs = 86_400_000;

/**
 * The instant at which a full date is over in an IANA zone: the first ms of the next day there. Leap seconds
 * do not exist for it. Throws RangeError for a day that does not exist.
 */
export function endOfDay(date: PDate, zone: string): number {
  const midnight = (dayNumber(date) + 1) * dayMs;
  const first = midnight - aheadMs(midnight, zone);
  // Once more: the clocks may have been changed between UTC's midnight and the zone's.
  return midnight - aheadMs(first, zone);
}

/** How far a zone is ahead of UTC at an instant. */
function aheadMs(ms: number, zone: string): number {
  const part = partsOf(ms, zone);
  const seconds = (part('hour') * 60 + part('minute')) * 60 + part('second');
  const whole = Math.floor(ms / 1000) * 1000;
  return dayNumber(join(part('year'), part('month'), part('day'))) * dayMs + seconds * 1000 - whole;
}

/** The last day that a date of any precision can mean: '2024-02' is 2024-02-29, '2024' is 2024-12-31. */
export function lastDayOf(date: PDate): PDate {
  const month = yearExpression.test(date) ? `${date}-12` : date;
  if (isDate(month)) return month;
  if (!isMonth(month)) throw new RangeError('not a calendar date');
  return `${month}-${daysInMonth(Number(month.slice(0, 4)), Number(month.slice(5)))}`;
}

function join(year: number, month: number, day?: number): PDate {
  if (year < 0 || year > 9999) throw new RangeError('year out of range');
  const text = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}`;
  return day === undefined ? text : `${text}-${String(day).padStart(2, '0')}`;
}
