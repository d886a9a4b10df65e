export { assert, unreachable } from './assert.ts';
export { seconds, type Clock } from './clock.ts';
export {
  addDays,
  addMonths,
  dateOf,
  dateOfDayNumber,
  datePattern,
  dayNumber,
  daysBetween,
  daysInMonth,
  endOfDay,
  isDate,
  isMonth,
  isPartialDate,
  lastDayOf,
  monthPattern,
  type PDate,
} from './dates.ts';
export { faultPoints, noFaults, type FaultPoint, type Faults } from './fault-points.ts';
export { isUuidv7, uuidv7, uuidv7Pattern } from './ids.ts';
export { limits } from './limits.ts';
export {
  addMoney,
  amountMinorPattern,
  compareMoney,
  currencyExponent,
  formatMoney,
  isCurrency,
  minorUnits,
  moneyOf,
  parseDecimal,
  type Money,
} from './money.ts';
export { type Random } from './random.ts';
export { steadyClock, type SteadyClock } from './steady-clock.ts';
export { systemClock, systemRandom } from './system.ts';
