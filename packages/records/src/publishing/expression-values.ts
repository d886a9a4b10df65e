/** A number as an expression has it: exact, so that no amount passes through a float. */
export interface Decimal {
  readonly digits: bigint;
  /** Digits behind the point. */
  readonly scale: number;
}

/** What an expression can hold; undefined where a column has no value. */
export type Value = string | boolean | Decimal | undefined;

/** Why an expression has no value for a line. The text repeats nothing of the line. */
export class ExpressionFault extends Error {
  override readonly name = 'ExpressionFault';
}

/** Characters of any text on the way; what makes a longer one ends the line. */
export const textMax = 4096;
const numberExpression = /^(-?)(0|[1-9][0-9]{0,29})(?:\.([0-9]{1,30}))?$/u;

export const isDecimal = (value: Value): value is Decimal => typeof value === 'object';

/** A number from its plain decimal spelling. @throws ExpressionFault */
export function decimalOf(text: string): Decimal {
  const match = numberExpression.exec(text);
  if (!match) throw new ExpressionFault('a text is no plain decimal number');
  const [, sign = '', whole = '', fraction = ''] = match;
  return { digits: BigInt(sign + whole + fraction), scale: fraction.length };
}

export function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { digits: scaled(a, scale) + scaled(b, scale), scale };
}

export const negated = ({ digits, scale }: Decimal): Decimal => ({ digits: -digits, scale });

export function multiply(a: Decimal, b: Decimal): Decimal {
  const scale = a.scale + b.scale;
  if (scale > textMax) throw new ExpressionFault('a number is too long');
  return { digits: a.digits * b.digits, scale };
}

const scaled = ({ digits, scale }: Decimal, to: number): bigint => digits * 10n ** BigInt(to - scale);

/** Below zero, zero or above zero as `a` is less than, equal to or more than `b`. */
export function compare(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale);
  const difference = scaled(a, scale) - scaled(b, scale);
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}

/** The text of a value; of a number its shortest plain spelling. */
export function textOf(value: Value): string {
  if (value === undefined) return '';
  if (!isDecimal(value)) return checked(String(value));
  const { digits, scale } = value;
  const plain = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
  const whole = plain.slice(0, plain.length - scale);
  const fraction = plain.slice(plain.length - scale).replace(/0+$/u, '');
  return checked(`${digits < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`);
}

/** What a condition takes a value for: as JSONata, the empty text, zero and no value are false. */
export function truthOf(value: Value): boolean {
  return isDecimal(value) ? value.digits !== 0n : Boolean(value);
}

export function checked(text: string): string {
  if (text.length > textMax) throw new ExpressionFault(`a text is longer than ${textMax} characters`);
  return text;
}

type Call = (args: readonly Value[]) => Value;

interface ExpressionFunction {
  readonly least: number;
  readonly most: number;
  readonly call: Call;
}

const textual = (least: number, most: number, act: (text: string, args: readonly Value[]) => Value) => ({
  least,
  most,
  call: (args: readonly Value[]) => {
    const [text] = args;
    return text === undefined ? undefined : act(needText(text), args);
  },
});

/** The functions that an expression may call, each as JSONata defines it for one plain text. */
export const expressionFunctions: Readonly<Record<string, ExpressionFunction>> = {
  substring: textual(2, 3, (text, [, start, length]) => substring(text, start, length)),
  substringBefore: textual(2, 2, (text, [, mark]) => {
    const at = text.indexOf(needText(mark));
    return at < 0 ? text : text.slice(0, at);
  }),
  substringAfter: textual(2, 2, (text, [, mark]) => {
    const at = text.indexOf(needText(mark));
    return at < 0 ? text : text.slice(at + needText(mark).length);
  }),
  uppercase: textual(1, 1, (text) => text.toUpperCase()),
  lowercase: textual(1, 1, (text) => text.toLowerCase()),
  trim: textual(1, 1, (text) => text.replaceAll(/[ \t\n\r]+/gu, ' ').replaceAll(/^ | $/gu, '')),
  length: textual(1, 1, (text) => decimalOf(String([...text].length))),
  pad: textual(2, 3, (text, [, width, fill]) => pad(text, width, fill)),
  contains: textual(2, 2, (text, [, part]) => text.includes(needText(part))),
  replace: textual(3, 3, (text, [, from, to]) => replace(text, needText(from), needText(to))),
  number: {
    ...{ least: 1, most: 1 },
    call: ([value]) => (typeof value === 'string' ? decimalOf(value) : value),
  },
  string: { ...{ least: 1, most: 1 }, call: ([value]) => (value === undefined ? undefined : textOf(value)) },
  abs: {
    ...{ least: 1, most: 1 },
    call: ([value]) => {
      if (value === undefined) return undefined;
      const number = needNumber(value);
      return number.digits < 0n ? negated(number) : number;
    },
  },
  exists: { ...{ least: 1, most: 1 }, call: ([value]) => value !== undefined },
  not: {
    ...{ least: 1, most: 1 },
    call: ([value]) => (value === undefined ? undefined : !truthOf(value)),
  },
};

export function needNumber(value: Value): Decimal {
  if (!isDecimal(value)) throw new ExpressionFault('a number is needed; use $number');
  return value;
}

function needText(value: Value): string {
  if (typeof value !== 'string') throw new ExpressionFault('a text is needed; use $string');
  return value;
}

function needCount(value: Value): number {
  const count = Number(textOf(needNumber(value)));
  if (!Number.isSafeInteger(count) || Math.abs(count) > textMax)
    throw new ExpressionFault('a whole number is needed');
  return count;
}

function substring(text: string, start: Value, length: Value): string {
  const characters = [...text];
  const asked = needCount(start);
  const from = asked < 0 ? Math.max(0, characters.length + asked) : asked;
  const size = length === undefined ? characters.length : needCount(length);
  return size <= 0 ? '' : characters.slice(from, from + size).join('');
}

function pad(text: string, width: Value, fill: Value = ' '): string {
  const wanted = needCount(width);
  const missing = Math.abs(wanted) - [...text].length;
  if (missing <= 0) return text;
  const unit = [...(needText(fill) || ' ')];
  const padding = Array.from({ length: missing }, (_, at) => unit[at % unit.length]).join('');
  return wanted < 0 ? padding + text : text + padding;
}

function replace(text: string, from: string, to: string): string {
  if (from === '') throw new ExpressionFault('nothing cannot be replaced');
  const parts = text.split(from);
  if (text.length + (parts.length - 1) * to.length > textMax * 2) return checked(' '.repeat(textMax + 1));
  return parts.join(to);
}
