import { currencyExponent, parseDecimal } from '@causeway/kernel';
import type { Reading } from './field-specs.ts';

type DecimalReading = Extract<Reading, { as: 'decimal' }>;
type MinorReading = Extract<Reading, { as: 'minor' }>;

/** An amount in minor units, with a minus in front where it is below zero; or undefined: it is no amount. */
export type ReadAmount = (text: string) => string | undefined;

/** How an amount is read, as its mapping describes it. */
export function amountReader(reading: DecimalReading | MinorReading): ReadAmount {
  const digits = reading.as === 'decimal' ? decimalReader(reading) : minorReader(reading);
  if (reading.sign === undefined) return digits;
  const signed = reading.sign === 'last' ? /^([^+-]*)([+-]?)$/u : /^([+-]?)([^+-]*)$/u;
  const [sign, body] = reading.sign === 'last' ? [2, 1] : [1, 2];
  return (text) => {
    const match = signed.exec(text);
    if (!match) return undefined;
    return digits((match[sign] === '-' ? '-' : '') + (match[body] ?? ''));
  };
}

function decimalReader({ currency, thousands, point = '.' }: DecimalReading): ReadAmount {
  const plain = (text: string): string | undefined => {
    try {
      return parseDecimal(text, currency).amount_minor;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return undefined;
    }
  };
  if (thousands === undefined && point === '.') return plain;
  const group = thousands === undefined ? '' : `|[0-9]{1,3}(?:[${thousands}][0-9]{3})+`;
  const shape = new RegExp(`^-?(?:[0-9]*${group})(?:[${point}][0-9]+)?$`, 'u');
  return (text) => {
    if (!shape.test(text)) return undefined;
    const ungrouped = thousands === undefined ? text : text.replaceAll(thousands, '');
    return plain(ungrouped.replace(point, '.'));
  };
}

/** Digits of as many decimals as the mapping says, or of minor units. */
function minorReader({ currency, decimals }: MinorReading): ReadAmount {
  const exponent = currencyExponent(currency);
  const finer = Math.max(0, (decimals ?? exponent) - exponent);
  const missing = '0'.repeat(Math.max(0, exponent - (decimals ?? exponent)));
  return (text) => {
    if (!/^-?[0-9]{1,40}$/u.test(text)) return undefined;
    const digits = text.replace('-', '');
    if (finer > 0 && /[1-9]/u.test(digits.slice(-finer))) return undefined;
    const kept = (finer > 0 ? digits.slice(0, -finer) : digits) + missing;
    const amount = kept.replace(/^0+(?=[0-9])/u, '') || '0';
    if (amount.length > 18) return undefined;
    return amount !== '0' && text.startsWith('-') ? `-${amount}` : amount;
  };
}

const shifts = { percent: 4, fraction: 6, basis_points: 2 } as const;

/** A ratio in parts in a million; undefined where it is no plain decimal or finer than that. */
export function ppmOf(text: string, unit: keyof typeof shifts): number | undefined {
  const match = /^([0-9]{1,9})(?:\.([0-9]{1,12}))?$/u.exec(text);
  if (!match) return undefined;
  const [, whole = '', fraction = ''] = match;
  const shift = shifts[unit];
  if (/[1-9]/u.test(fraction.slice(shift))) return undefined;
  const ppm = Number(whole + fraction.slice(0, shift).padEnd(shift, '0'));
  return Number.isSafeInteger(ppm) ? ppm : undefined;
}
