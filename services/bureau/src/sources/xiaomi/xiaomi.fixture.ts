import { addDays, systemClock } from '@causeway/kernel';
import type { CreditRecord } from '@causeway/records';
import type { Holding } from '@causeway/sandbox/natives/native-system';
import { startXiaomi } from '@causeway/sandbox/natives/xiaomi/start-xiaomi';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import fc from 'fast-check';
import { Value } from 'typebox/value';

import type { Moment, NativeSubject } from '../source.ts';
import { openXiaomi } from './open-xiaomi.ts';
import { XiaomiSettingsSchema, type XiaomiSettings } from './settings.ts';

export const inquiry = 'sha-256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU';
export const lina = sandboxSubject('li-na');

export const moment = (changes: Partial<Moment> = {}): Moment => ({
  nowMs: 1_561_910_400_000,
  purpose: 'LOAN_APPROVAL',
  inquiry,
  signal: new AbortController().signal,
  ...changes,
});

/** One loan, as both sides mean it. */
export interface PlainLoan {
  readonly loanNo: string;
  readonly original: string;
  readonly balance: string;
  readonly opened: string;
  readonly due: string | undefined;
  readonly status: 'settled' | 'normal' | 'overdue' | 'bad_debt';
  readonly days: number;
  readonly terms: readonly number[];
}

export const plainLoan: PlainLoan = {
  loanNo: 'L-1',
  original: '1500000',
  balance: '800000',
  opened: '2018-03-01',
  due: '2019-07-01',
  status: 'normal',
  days: 0,
  terms: [3, 6],
};

const letters = { settled: 'S', normal: 'N', overdue: 'O', bad_debt: 'W' } as const;

/** The canonical records of a loan, as docs/sources/xiaomi.md says. */
export function canonical(loan: PlainLoan, asOf: string, origin: string): CreditRecord[] {
  const native_scheme = 'xiaomi';
  const terms = loan.terms.length > 1 ? { terms: JSON.stringify(loan.terms) } : {};
  const account: CreditRecord = {
    record: 'account',
    category: 'ACCOUNT_SUMMARY',
    record_id: `loan-${loan.loanNo}`,
    source_record_id: `${origin}.${loan.loanNo}`,
    as_of: asOf,
    account_ref: loan.loanNo,
    type: 'term',
    currency: 'CNY',
    status: loan.status,
    lender_ref: 'xiaomi-loan',
    opened: loan.opened,
    ...(loan.due === undefined ? {} : { due: loan.due }),
    original: loan.original,
    balance: loan.balance,
    ...(loan.terms.length === 1 ? { term_count: loan.terms[0] ?? 0 } : {}),
    absent: {
      history: 'not_reported',
      overdue_total: 'not_reported',
      ...(loan.due === undefined ? { due: 'not_reported' } : {}),
    },
    native: { status: letters[loan.status] },
    native_scheme,
    native_ext: { max_overdue_days: String(loan.days), ...terms },
  };
  const entry: CreditRecord = {
    record: 'watchlist',
    category: 'WATCHLIST',
    record_id: `written-off-${loan.loanNo}`,
    source_record_id: `${origin}.${loan.loanNo}`,
    as_of: asOf,
    list: 'xiaomi_written_off',
    sector: 'consumer_credit',
    risk_type: 'written_off',
    risk_code: 'W',
    amount: { amount_minor: loan.balance, currency: 'CNY' },
    refreshed_on: asOf,
    absent: { occurred: 'not_reported', settled: 'not_reported' },
    native: { risk_code: 'W' },
    native_scheme,
  };
  return loan.status === 'bad_debt' ? [account, entry] : [account];
}

export function scored(value: number | undefined, asOf: string, origin: string, max = 850): CreditRecord {
  return {
    record: 'score',
    category: 'SCORE',
    record_id: `score-${origin}`,
    source_record_id: origin,
    as_of: asOf,
    model: 'xiaomi-mix',
    ...(value === undefined ? { unscorable_reason: 'no_score_at_source' } : { value }),
    min: 300,
    max,
    direction: 'higher_safer',
  };
}

const amount = fc.bigInt(0n, 10n ** 14n - 1n).map(String);
export const anyDay = fc.integer({ min: 0, max: 12_000 }).map((days) => addDays('1995-01-01', days));

const anyLoan: fc.Arbitrary<PlainLoan> = fc
  .record({
    loanNo: fc.stringMatching(/^[A-Za-z0-9-]{1,24}$/u),
    original: amount,
    balance: amount,
    opened: anyDay,
    term: fc.option(fc.integer({ min: 0, max: 4000 }), { nil: undefined }),
    status: fc.constantFrom('settled', 'normal', 'overdue', 'bad_debt'),
    days: fc.integer({ min: 0, max: 9999 }),
    terms: fc.array(fc.integer({ min: 1, max: 600 }), { maxLength: 5 }),
  })
  .map(({ term, ...loan }) => ({
    ...loan,
    due: term === undefined ? undefined : addDays(loan.opened, term),
  }));

export const someLoans = fc.uniqueArray(anyLoan, { selector: ({ loanNo }) => loanNo, maxLength: 8 });

export const holdingOf = (records: readonly CreditRecord[]): Holding => ({ subject: lina, records });

/** The simulated system with these people, and an adapter that was opened by its settings. */
export async function world(
  holdings: readonly Holding[],
  changes: Partial<XiaomiSettings> = {},
  options: Parameters<typeof startXiaomi>[1] = {},
) {
  const system = await startXiaomi(holdings, options);
  const settings: unknown = { ...system.settings, ...changes };
  if (!Value.Check(XiaomiSettingsSchema, settings)) throw new Error('the settings have another shape');
  const source = openXiaomi(settings, { clock: systemClock });
  const byId: NativeSubject = { identifier: lina.identifier, name: lina.name };
  const byHandle: NativeSubject = { ...byId, handle: system.roster[0]?.handle ?? '' };
  return { system, settings, source, byId, byHandle };
}
