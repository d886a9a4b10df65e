import type { AccountRecord, CreditRecord, RecordOf } from './record.ts';

/** States of an account that say that its debtor did not pay as agreed. */
const adverseStatus: ReadonlySet<AccountRecord['status']> = new Set([
  'overdue',
  'bad_debt',
  'stopped',
  'collateral_short',
  'forced_liquidation',
  'judicial_recovery',
  'collecting',
]);

/** Months more than one payment date late, paid by another, settled by assets, or given up. */
const adverseMonth = /[1-7DZB]/u;

/** A loan that its lender counts among the non-performing, whatever its state says. */
const adverseClass: ReadonlySet<AccountRecord['class5']> = new Set([
  'substandard',
  'doubtful',
  'loss',
  'default',
]);

/** What happens to an account whose debtor did not pay by themselves. */
const adverseEvent: ReadonlySet<RecordOf<'account_event'>['kind']> = new Set([
  'third_party_repayment',
  'assets_for_debt',
  'judicial',
]);

const adverseRegister: ReadonlySet<RecordOf<'public_record'>['kind']> = new Set([
  'tax_arrears',
  'judgment',
  'enforcement',
  'dishonest_debtor',
  'penalty',
  'bankruptcy',
]);

/**
 * True for what speaks against the subject by what it says (the Regulation on the Credit Reporting Industry,
 * article 44: adverse information), whether or not its provider has marked it so. A score is a judgement and
 * no such fact.
 */
export function isAdverse(record: CreditRecord): boolean {
  if (record.is_adverse === true) return true;
  if (record.record === 'account') return isAdverseAccount(record);
  if (record.record === 'public_record') return adverseRegister.has(record.kind);
  if (record.record === 'account_event') return adverseEvent.has(record.kind);
  if (record.record === 'liability')
    return (record.overdue_months ?? 0) > 0 || adverseClass.has(record.class5);
  if (record.record === 'postpaid')
    return record.status === 'arrears' || adverseMonth.test(record.history?.states ?? '');
  return record.record === 'watchlist';
}

function isAdverseAccount({ class5, history, overdue_total, status }: AccountRecord): boolean {
  return (
    adverseStatus.has(status) ||
    adverseClass.has(class5) ||
    (overdue_total ?? '0') !== '0' ||
    adverseMonth.test(history?.states ?? '')
  );
}

/** True for what an authority has made public: collecting it needs no consent, and showing it no notice. */
export const isLawfullyPublic = (record: CreditRecord): boolean => record.record === 'public_record';
