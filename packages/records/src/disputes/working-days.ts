import { addDays, dayNumber } from '@causeway/kernel';
import type { PDate } from '@causeway/kernel';

/** Days that are no working days though the week says so, and the other way round. */
interface Calendar {
  readonly off: ReadonlySet<PDate>;
  readonly madeUp: ReadonlySet<PDate>;
}

/** First and last day of each holiday, both included. */
type Span = readonly [from: PDate, to: PDate];

const daysOf = (spans: readonly Span[]): PDate[] =>
  spans.flatMap(([from, to]) =>
    Array.from({ length: dayNumber(to) - dayNumber(from) + 1 }, (_, n) => addDays(from, n)),
  );

const calendar = (spans: readonly Span[], madeUp: readonly PDate[]): Calendar => ({
  off: new Set(daysOf(spans)),
  madeUp: new Set(madeUp),
});

/**
 * By nation: holidays and made-up days as they were announced. China: General Office of the State Council,
 * for 2026. A year that is not here yet counts Monday to Friday.
 */
const calendars: Readonly<Record<string, Calendar>> = {
  CN: calendar(
    [
      ['2026-01-01', '2026-01-03'],
      ['2026-02-15', '2026-02-23'],
      ['2026-04-04', '2026-04-06'],
      ['2026-05-01', '2026-05-05'],
      ['2026-06-19', '2026-06-21'],
      ['2026-09-25', '2026-09-27'],
      ['2026-10-01', '2026-10-07'],
    ],
    ['2026-01-04', '2026-02-14', '2026-02-28', '2026-05-09', '2026-09-20', '2026-10-10'],
  ),
};

/** 1970-01-01 was a Thursday. */
const isWeekend = (date: PDate): boolean => [2, 3].includes(((dayNumber(date) % 7) + 7) % 7);

/** True for a day on which people work in a nation ('CN'). */
export function isWorkingDay(date: PDate, nation: string): boolean {
  const known = calendars[nation];
  if (known?.off.has(date) === true) return false;
  return known?.madeUp.has(date) === true || !isWeekend(date);
}

/** The day that is so many working days after a day, which itself does not count. */
export function addWorkingDays(date: PDate, days: number, nation: string): PDate {
  let at = date;
  for (let left = days; left > 0;) {
    at = addDays(at, 1);
    if (isWorkingDay(at, nation)) left -= 1;
  }
  return at;
}
