import { isPartialDate, parseDecimal } from '@causeway/kernel';
import { packHistory } from '../repayment.ts';
import type { ColumnSpec } from './field-specs.ts';
import { LineFault } from './refusal.ts';

/** The text of a column of the present line, or undefined where the line has no such member. */
export type ReadColumn = (column: string) => string | undefined;

type FieldValue = string | number | boolean | object;

/**
 * The value of one canonical field, or undefined where the source has none.
 * `money`: the field holds amount and currency together.
 * @throws LineFault naming the column, never the value
 */
export function fieldValue(spec: ColumnSpec, read: ReadColumn, money: boolean): FieldValue | undefined {
  const text = read(spec.column);
  if (text === undefined || (spec.absent ?? ['']).includes(text)) return undefined;
  switch (spec.as) {
    case 'text':
      return (spec.prefix ?? '') + text;
    case 'date':
      return dateValue(text, spec.format ?? 'YYYY-MM-DD', spec.column);
    case 'decimal':
      return amount(text, spec, money);
    case 'minor':
      if (!/^-?[0-9]+$/u.test(text))
        throw fault('decimal', spec.column, 'is not a whole number of minor units');
      return amountOf({ amount_minor: text.replace(/^0+(?=[0-9])/u, ''), currency: spec.currency }, money);
    case 'integer':
      if (!/^(0|[1-9][0-9]{0,14})$/u.test(text))
        throw fault('integer', spec.column, 'is not a plain whole number');
      return Number(text);
    case 'code':
      return codeValue(text, spec.map, spec.column);
    case 'history':
      return historyValue(text, spec, read);
  }
}

const fault = (rule: LineFault['rule'], column: string, what: string): LineFault =>
  new LineFault(rule, `The column "${column}" ${what}.`, column);

function amount(text: string, spec: { column: string; currency: string }, money: boolean): FieldValue {
  try {
    return amountOf(parseDecimal(text, spec.currency), money);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw fault('decimal', spec.column, `is not an amount in ${spec.currency}: ${error.message}`);
  }
}

const amountOf = (value: { amount_minor: string; currency: string }, money: boolean): FieldValue =>
  money ? { amount_minor: value.amount_minor, currency: value.currency } : value.amount_minor;

/** A native code's canonical value; shared with the subject's scheme. */
export function codeValue<T>(text: string, map: Readonly<Record<string, T>>, column: string): T {
  const value = Object.hasOwn(map, text) ? map[text] : undefined;
  if (value === undefined) throw fault('code', column, 'has a code that the mapping does not list');
  return value;
}

function historyValue(text: string, spec: Extract<ColumnSpec, { as: 'history' }>, read: ReadColumn): object {
  const month = read(spec.to.column) ?? '';
  const to = dateValue(month, spec.to.format ?? 'YYYY-MM', spec.to.column);
  const codes = spec.newest === 'first' ? [...text].toReversed().join('') : text;
  try {
    return packHistory(codes, to.slice(0, 7), spec.scale);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw fault('history', spec.column, `is not a repayment history: ${error.message}`);
  }
}

interface DateReader {
  readonly expression: RegExp;
  readonly order: readonly string[];
}

const readers = new Map<string, DateReader>();

/** A date in the precision of its format. The calendar is checked: 30 February does not exist. */
function dateValue(text: string, format: string, column: string): string {
  const { expression, order } = dateReader(format);
  const match = expression.exec(text);
  if (!match) throw fault('date', column, `is not a date written as ${format}`);
  const parts = new Map(order.map((part, at) => [part, match[at + 1] ?? '']));
  const date = ['YYYY', 'MM', 'DD']
    .map((part) => parts.get(part))
    .filter((part) => part !== undefined)
    .join('-');
  if (!isPartialDate(date)) throw fault('date', column, 'is a day that does not exist');
  return date;
}

function dateReader(format: string): DateReader {
  const known = readers.get(format);
  if (known) return known;
  const order = format.match(/YYYY|MM|DD/gu) ?? [];
  const source = format
    .replaceAll('.', String.raw`\.`)
    .replace(/YYYY|MM|DD/gu, (part) => `([0-9]{${part.length}})`);
  const reader = { expression: new RegExp(`^${source}$`, 'u'), order };
  readers.set(format, reader);
  return reader;
}
