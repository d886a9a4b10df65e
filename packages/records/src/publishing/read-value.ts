import type { MoneyBand } from '../primitives.ts';
import { amountReader, ppmOf } from './amount-values.ts';
import { dateReader } from './date-values.ts';
import type { Reading } from './field-specs.ts';
import type { Shape } from './record-fields.ts';
import type { LineRule } from './rules.ts';

/** The value of a canonical field, as the record holds it. */
export type FieldValue = string | number | boolean | object;

/** What reading a text comes to: undefined where it says that there is no value. */
export type ReadText = (text: string) => FieldValue | undefined;

/** Ends the line; the sentence goes on behind the name of the column. `read`: another at fault. */
export type Fail = (rule: LineRule, what: string, read?: string) => never;

/** How one text becomes a value of a shape, with all decisions taken beforehand. */
export function compileReading(reading: Reading, shape: Shape, fail: Fail): ReadText {
  switch (reading.as) {
    case 'text':
      return readText(reading);
    case 'date':
      return readDate(reading, fail);
    case 'decimal':
    case 'minor':
      return readAmount(reading, shape, fail);
    case 'integer':
      return readInteger(reading, fail);
    case 'ratio':
      return (text) =>
        ppmOf(text, reading.unit) ?? fail('ratio', 'is not a plain decimal, or finer than a millionth');
    case 'boolean':
      return readBoolean(reading, fail);
    case 'code':
      return readCode(reading, fail);
    case 'band':
      return readBand(reading, fail);
  }
}

type As<K extends Reading['as']> = Extract<Reading, { as: K }>;

function readText({ prefix = '', letters }: As<'text'>): ReadText {
  if (letters === 'lower') return (text) => prefix + text.toLowerCase();
  if (letters === 'upper') return (text) => prefix + text.toUpperCase();
  return prefix === '' ? (text) => text : (text) => prefix + text;
}

function readDate({ format = 'YYYY-MM-DD', zone }: As<'date'>, fail: Fail): ReadText {
  const read = dateReader(format, zone);
  return (text) => read(text) ?? fail('date', `is not a date written as ${format}, or no such day exists`);
}

function readAmount(reading: As<'decimal' | 'minor'>, shape: Shape, fail: Fail): ReadText {
  const read = amountReader(reading);
  const { currency, negative } = reading;
  const money = shape === 'money' || shape === 'money_or_band';
  return (text) => {
    const amount =
      read(text) ?? fail('decimal', `is not an amount in ${currency} as the mapping describes it`);
    if (amount.charCodeAt(0) !== 0x2d || shape === 'signed_minor')
      return money ? { amount_minor: amount, currency } : amount;
    if (negative === undefined) return fail('negative', 'is below zero');
    if (negative === 'absent') return undefined;
    return money ? { amount_minor: '0', currency } : '0';
  };
}

function readInteger({ padded }: As<'integer'>, fail: Fail): ReadText {
  const expression = padded ? /^-?[0-9]{1,15}$/u : /^(0|-?[1-9][0-9]{0,14})$/u;
  return (text) =>
    expression.test(text) ? Number(text) + 0 : fail('integer', 'is not a plain whole number');
}

function readBoolean(reading: As<'boolean'>, fail: Fail): ReadText {
  const values = new Map<string, boolean>([
    ...reading.true.map((text) => [text, true] as const),
    ...reading.false.map((text) => [text, false] as const),
  ]);
  return (text) => values.get(text) ?? fail('boolean', 'is neither a listed true nor a listed false');
}

function readCode(reading: As<'code'>, fail: Fail): ReadText {
  const values = new Map(Object.entries(reading.map));
  const { else: otherwise } = reading;
  return (text) => values.get(text) ?? otherwise ?? fail('code', 'has a code that the mapping does not list');
}

function readBand({ bands, currency }: As<'band'>, fail: Fail): ReadText {
  const values = new Map<string, MoneyBand>(
    Object.entries(bands).map(([native_code, band]) => [native_code, { ...band, currency, native_code }]),
  );
  return (text) => values.get(text) ?? fail('code', 'has a band that the mapping does not list');
}
