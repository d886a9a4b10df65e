import { compareMoney, dateOf, isDate, moneyOf, parseDecimal } from '@causeway/kernel';
import { parseStrictJson } from '@causeway/protocol';
import type { CreditRecord, RecordOf } from '@causeway/records';

import type { FindingNote } from '../source.ts';
import { unreadable, type NativeLoan } from './answer.ts';
import type { XiaomiSettings } from './settings.ts';

/** A loan, from the answer or from the nightly file, read and not yet placed in the model. */
export interface Loan {
  readonly loanNo: string;
  readonly status: NativeLoan['sts'];
  /** Minor units of CNY, both. */
  readonly original: string;
  readonly balance: string;
  readonly opened: string;
  readonly due: string | undefined;
  readonly maxOverdueDays: number;
  readonly terms: readonly number[];
}

/** What the loans of one answer have in common. `origin` is its number, in which a loan's own is unique. */
export interface LoanSource {
  readonly origin: string;
  readonly asOf: string;
  readonly lenderRef: XiaomiSettings['lender_ref'];
}

/** What `sts` says: settled 结清, normal 正常, overdue 逾期, written off 核销. */
const statuses = { S: 'settled', N: 'normal', O: 'overdue', W: 'bad_debt' } as const;

const shanghai = 'Asia/Shanghai';
const currency = 'CNY';
const termsExpression = /^\[[0-9, ]*\]$/u;

/**
 * Reads a loan of an answer. Fen and yuan stand side by side in it; both become minor units, and no amount is
 * ever a float.
 * @throws SourceFault where something that a lender adds up cannot be read: a loan that is left out would
 * make the person look better off
 */
export function readLoan(loan: NativeLoan, notes: FindingNote[]): Loan {
  const terms = readTerms(loan.terms);
  if (terms === undefined) notes.push({ field: 'terms', what: 'unreadable' });
  try {
    const opened = calendarDay(loan.openDt.replaceAll('/', '-'));
    return {
      loanNo: loan.loanNo,
      status: loan.sts,
      original: moneyOf(BigInt(loan.amt), currency).amount_minor,
      balance: parseDecimal(loan.bal, currency).amount_minor,
      opened,
      due: loan.dueDt === undefined || loan.dueDt === null ? undefined : dueDay(loan.dueDt, opened),
      maxOverdueDays: loan.maxOvdDays,
      terms: terms ?? [],
    };
  } catch (error) {
    if (error instanceof RangeError) throw unreadable('a loan has a day or an amount that cannot be');
    throw error;
  }
}

/** A day that exists. @throws RangeError */
export function calendarDay(text: string): string {
  if (!isDate(text)) throw new RangeError('no such day');
  return text;
}

/**
 * The records of one loan: the account, and for one that was written off an entry of the watch list. The
 * answer tells the longest delay only, over no known months; a history is not made up from it.
 */
export function recordsOfLoan(loan: Loan, source: LoanSource, notes: FindingNote[]): CreditRecord[] {
  notes.push(...conflictsOf(loan));
  const account = accountOf(loan, source);
  return loan.status === 'W' ? [account, watchlistEntryOf(loan, source)] : [account];
}

function accountOf(loan: Loan, { asOf, lenderRef, origin }: LoanSource): RecordOf<'account'> {
  const { terms } = loan;
  return {
    record: 'account',
    category: 'ACCOUNT_SUMMARY',
    record_id: `loan-${loan.loanNo}`,
    source_record_id: `${origin}.${loan.loanNo}`,
    as_of: asOf,
    account_ref: loan.loanNo,
    type: 'term',
    currency,
    status: statuses[loan.status],
    lender_ref: lenderRef,
    opened: loan.opened,
    ...(loan.due === undefined ? {} : { due: loan.due }),
    original: loan.original,
    balance: loan.balance,
    ...(terms.length === 1 ? { term_count: terms[0] ?? 0 } : {}),
    absent: {
      history: 'not_reported',
      overdue_total: 'not_reported',
      ...(loan.due === undefined ? { due: 'not_reported' as const } : {}),
    },
    native: { status: loan.status },
    native_scheme: 'xiaomi',
    native_ext: {
      max_overdue_days: String(loan.maxOverdueDays),
      ...(terms.length > 1 ? { terms: JSON.stringify(terms) } : {}),
    },
  };
}

function watchlistEntryOf(loan: Loan, { asOf, origin }: LoanSource): RecordOf<'watchlist'> {
  return {
    record: 'watchlist',
    category: 'WATCHLIST',
    record_id: `written-off-${loan.loanNo}`,
    source_record_id: `${origin}.${loan.loanNo}`,
    as_of: asOf,
    list: 'xiaomi_written_off',
    sector: 'consumer_credit',
    risk_type: 'written_off',
    risk_code: loan.status,
    amount: { amount_minor: loan.balance, currency },
    refreshed_on: asOf,
    absent: { occurred: 'not_reported', settled: 'not_reported' },
    native: { risk_code: loan.status },
    native_scheme: 'xiaomi',
  };
}

/** Where the system contradicts itself. Both sides travel as they came. */
function conflictsOf(loan: Loan): FindingNote[] {
  const [original, balance] = [
    { amount_minor: loan.original, currency },
    { amount_minor: loan.balance, currency },
  ];
  const settledWithDebt = loan.status === 'S' && loan.balance !== '0';
  const aboveOriginal = compareMoney(balance, original) > 0;
  const overdueNever = loan.status === 'O' && loan.maxOverdueDays === 0;
  return [
    ...(settledWithDebt || aboveOriginal ? [{ field: 'bal', what: 'conflict' as const }] : []),
    ...(overdueNever ? [{ field: 'maxOvdDays', what: 'conflict' as const }] : []),
  ];
}

/** The numbers of `"[3,6]"`; undefined where the text is none of such a list of at most 32. */
function readTerms(text: string | null | undefined): readonly number[] | undefined {
  if (text === undefined || text === null) return [];
  if (!termsExpression.test(text)) return undefined;
  try {
    const terms = parseStrictJson(text) as number[];
    return terms.length <= 32 && terms.every((term) => term >= 1 && term <= 600) ? terms : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The day in Shanghai at an instant in ms. Seconds taken for milliseconds lie in January 1970, before any
 * loan was opened, and are refused as that.
 */
function dueDay(ms: number, opened: string): string {
  const day = Math.abs(ms) <= 8.64e15 ? calendarDay(dateOf(ms, shanghai)) : '';
  if (day < opened) throw new RangeError('due before it was opened');
  return day;
}
