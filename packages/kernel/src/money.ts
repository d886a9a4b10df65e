/** An amount as it travels: a decimal string of minor units (fen, haléř), never a float. */
export interface Money {
  readonly amount_minor: string;
  readonly currency: string;
}

/** Minor-unit digits by currency (ISO 4217). A currency that is not here is refused, not guessed. */
const exponents: Readonly<Record<string, number>> = {
  AUD: 2, CAD: 2, CHF: 2, CNY: 2, CZK: 2, EUR: 2, GBP: 2, HKD: 2, JPY: 0, KRW: 0, KWD: 3, MOP: 2,
  NZD: 2, RUB: 2, SGD: 2, THB: 2, TWD: 2, USD: 2, VND: 0,
}; // prettier-ignore

/** Enough for any balance sheet, few enough to stay inside a PostgreSQL bigint. */
const digitsMax = 18;

/** A decimal string of minor units in its one accepted spelling: no plus, no leading zeros, no minus zero. */
export const amountMinorPattern = '^(0|-?[1-9][0-9]{0,17})$';

const amountMinorExpression = new RegExp(amountMinorPattern, 'u');
/** Digits before the point, after it, or both: banks write fifty fen as '.50', too. */
const decimalExpression = /^(-?)(?=\.?\d)(\d{0,30})(?:\.(\d{1,30}))?$/u;

/** How many digits the minor unit has: 2 for CNY, 0 for JPY. Throws RangeError for an unknown currency. */
export function currencyExponent(currency: string): number {
  const exponent = Object.hasOwn(exponents, currency) ? exponents[currency] : undefined;
  if (exponent === undefined) throw new RangeError('unknown currency');
  return exponent;
}

/** True for a currency whose minor unit is known here. */
export function isCurrency(currency: string): boolean {
  return Object.hasOwn(exponents, currency);
}

/**
 * Reads a plain decimal ("8095.20", "-3", "12.5") as minor units of `currency`. Throws RangeError on anything
 * else: signs, separators, exponents, fractions below the minor unit, > 18 digits.
 */
export function parseDecimal(text: string, currency: string): Money {
  const exponent = currencyExponent(currency);
  const match = decimalExpression.exec(text);
  if (!match) throw new RangeError('not a plain decimal');
  const [, sign = '', whole = '', fraction = ''] = match;
  if (/[1-9]/u.test(fraction.slice(exponent))) throw new RangeError('finer than the minor unit');
  const digits = ((whole || '0') + fraction.slice(0, exponent).padEnd(exponent, '0')).replace(
    /^0+(?=\d)/u,
    '',
  );
  if (digits.length > digitsMax) throw new RangeError('amount out of range');
  return { amount_minor: digits === '0' ? '0' : sign + digits, currency };
}

/**
 * The amount in bigint minor units. Throws RangeError where the string is not in its one accepted spelling.
 */
export function minorUnits(money: Money): bigint {
  if (!amountMinorExpression.test(money.amount_minor)) throw new RangeError('not an amount in minor units');
  return BigInt(money.amount_minor);
}

/** An amount from bigint minor units. Throws RangeError past 18 digits. */
export function moneyOf(minor: bigint, currency: string): Money {
  const amount_minor = minor.toString();
  if (!amountMinorExpression.test(amount_minor)) throw new RangeError('amount out of range');
  return { amount_minor, currency };
}

/** The sum. Throws RangeError on two currencies: there is no rate to add them by. */
export function addMoney(a: Money, b: Money): Money {
  sameCurrency(a, b);
  return moneyOf(minorUnits(a) + minorUnits(b), a.currency);
}

/**
 * Below zero, zero or above zero as `a` is less than, equal to or more than `b`. Throws on two currencies.
 */
export function compareMoney(a: Money, b: Money): number {
  sameCurrency(a, b);
  const difference = minorUnits(a) - minorUnits(b);
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}

/** For people: "8,095.20 CNY". */
export function formatMoney(money: Money): string {
  const exponent = currencyExponent(money.currency);
  const minor = minorUnits(money);
  const digits = (minor < 0n ? -minor : minor).toString().padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent).replace(/\B(?=(\d{3})+$)/gu, ',');
  const fraction = exponent === 0 ? '' : `.${digits.slice(-exponent)}`;
  return `${minor < 0n ? '-' : ''}${whole}${fraction} ${money.currency}`;
}

function sameCurrency(a: Money, b: Money): void {
  if (a.currency !== b.currency) throw new RangeError('two currencies');
}
