import { currencyExponent, dateOf, isCurrency, isDate, isMonth, isPartialDate } from '@causeway/kernel';
import { carriesIdentifier } from '@causeway/records/identifiers';

import type { Draft } from './draft.ts';

/**
 * What one native text says. No `value` means that it cannot be read; `code` is the native code, kept with
 * the value or without one; `note` is what the operator is told beside it.
 */
interface Reading {
  readonly value?: unknown;
  readonly code?: string;
  readonly note?: 'dropped' | 'assumed' | 'unreadable';
}

/** Reads the text of one tag, which is neither empty nor `--`. */
export type Reader = (text: string, draft: Draft) => Reading;

/** The zone of every time that names none. */
export const registryZone = 'Asia/Shanghai';

const codeExpression = /^[!-~]{1,64}$/u;
const wholeExpression = /^-?(?:[0-9]{1,16}|[0-9]{1,3}(?:,[0-9]{3}){1,5})$/u;
const timeExpression =
  /^((?:19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2})T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})?$/u;
const referenceExpression = /^[!-~]{1,64}$/u;
/** Before it there was no credit to report, and arithmetic with months would leave the calendar. */
const earliestMonth = '1900-01';
const percentExpression = /^([0-9]{1,3})(?:\.([0-9]{1,4}))?%?$/u;

/** A code of a table. A code that is not in it becomes `otherwise`; without that it has no value. */
export function coded(table: Readonly<Record<string, unknown>>, otherwise?: string): Reader {
  return (text) => {
    if (!codeExpression.test(text)) return {};
    if (Object.hasOwn(table, text)) return { value: table[text], code: text };
    return otherwise === undefined ? { code: text } : { value: otherwise, code: text, note: 'unreadable' };
  };
}

/** Whole units of money, with or without commas between thousands, as minor units; undefined for others. */
export function wholeMinor(text: string, currency: string, signed = false): string | undefined {
  if (!wholeExpression.test(text) || !isCurrency(currency)) return undefined;
  const units = BigInt(text.replaceAll(',', ''));
  if (units < 0n && !signed) return undefined;
  const minor = (units * 10n ** BigInt(currencyExponent(currency))).toString();
  return minor.replace('-', '').length > 18 ? undefined : minor;
}

/** An amount in the currency of the record, which is read before. */
export const amount: Reader = (text, draft) => valued(wholeMinor(text, draft.currency));

/** An amount that carries its currency with it. */
export const money: Reader = (text, { currency }) => {
  const amount_minor = wholeMinor(text, currency);
  return valued(amount_minor === undefined ? undefined : { amount_minor, currency });
};

export const currencyCode: Reader = (text) => (isCurrency(text) ? { value: text, code: text } : {});

/** A day, month or year as precisely as it is told; of a time the day in Shanghai. */
export const date: Reader = (text) => valued(isPartialDate(text) ? text : dayOfTime(text));

/** A full day; less is not enough. */
export const day: Reader = (text) => valued(isDate(text) ? text : dayOfTime(text));

/** The day, in Shanghai, of a time with or without a zone; undefined for anything else. */
export function dayOfTime(text: string): string | undefined {
  const [, local, zone] = timeExpression.exec(text) ?? [];
  if (local === undefined || !isDate(local)) return undefined;
  const instant = Date.parse(zone === undefined ? `${text}+08:00` : text);
  return Number.isNaN(instant) ? undefined : dateOf(instant, registryZone);
}

/** The month of a month or day of our times; undefined for a year. */
export function monthOf(text: string): string | undefined {
  const month = text.slice(0, 7);
  return (isMonth(text) || isDate(text)) && month >= earliestMonth ? month : undefined;
}

export function countOf(min: number, max: number): Reader {
  return (text) => {
    const number = /^-?[0-9]{1,6}$/u.test(text) ? Number(text) : Number.NaN;
    return valued(number >= min && number <= max ? number : undefined);
  };
}

export const count: Reader = countOf(0, 10_000);

/** Digits only, and as many as a telephone, a bank card or an old resident number has. */
const bareNumber = /^[0-9]{11,}$/u;

/** A reference of the source, or its pseudonym where it is no plain code or may be somebody's number. */
export const reference: Reader = (text, { report }) => {
  const plain = referenceExpression.test(text) && !carriesIdentifier(text) && !bareNumber.test(text);
  return { value: plain ? text : report.pseudonyms.of(text) };
};

/** A third party's number: only its pseudonym is kept. */
export const partyReference: Reader = (text, { report }) => ({ value: report.pseudonyms.of(text) });

const textMax = 1000;

/** Text for people on one line: white space becomes a space, what is too long is cut and noted. */
export const text: Reader = (raw) => {
  const line = raw.replaceAll(/\s+/gu, ' ').trim();
  if (line === '' || /[\p{C}\p{Zl}\p{Zp}]/u.test(line) || carriesIdentifier(line)) return {};
  const characters = [...line];
  if (characters.length <= textMax) return { value: line };
  return { value: `${characters.slice(0, textMax - 1).join('')}…`, note: 'dropped' };
};

/** A share in percent with at most four decimals, as parts in a million. */
export const percent: Reader = (raw) => {
  const [, whole, decimals = ''] = percentExpression.exec(raw) ?? [];
  return valued(whole === undefined ? undefined : Number(whole) * 10_000 + Number(decimals.padEnd(4, '0')));
};

/** A code that is a word of the model already: an industry of GB/T 4754 such as `C26`. */
export const slug: Reader = (raw) =>
  /^[0-9A-Za-z][0-9A-Za-z_.-]{0,47}$/u.test(raw) ? { value: raw.toLowerCase(), code: raw } : {};

export const country: Reader = (raw) => (/^[A-Z]{2}$/u.test(raw) ? { value: raw, code: raw } : {});

const valued = (value: unknown): Reading => (value === undefined ? {} : { value });
