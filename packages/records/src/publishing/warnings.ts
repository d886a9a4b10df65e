import type { SubjectKind } from '../faults.ts';
import type { AccountRecord, CreditRecord } from '../record.ts';
import type { WarningRule } from './rules.ts';

/** What is odd about a record that is taken: the rule, and a sentence without a value. */
export interface Oddity {
  readonly rule: WarningRule;
  readonly message: string;
}

/** Looks at an account as a whole. Amounts are minor units of one currency, so that they compare. */
export function* odditiesOf(record: CreditRecord, kind: SubjectKind): Generator<Oddity> {
  if (record.record !== 'account') return;
  const { overdue_total, balance, used, limit, opened, due, closed, as_of, history, status } = record;
  const { overdue_principal, remaining_terms = 0, term_count = Infinity } = record;
  const buckets = Object.values(overdue_principal ?? {}).reduce((sum, amount) => sum + BigInt(amount), 0n);
  if (buckets > 0n && above(buckets.toString(), overdue_total))
    yield { rule: 'buckets_beyond_overdue', message: 'The overdue principal is more than what is overdue.' };
  if (remaining_terms > term_count)
    yield { rule: 'remaining_beyond_terms', message: 'More terms remain than the account has.' };
  if (above(overdue_total, balance))
    yield { rule: 'overdue_beyond_balance', message: 'The overdue amount is larger than the balance.' };
  if (above(used ?? balance, limit))
    yield { rule: 'used_beyond_limit', message: 'The amount used or owed is larger than the limit.' };
  if (before(due, opened) || before(closed, opened))
    yield { rule: 'dates_out_of_order', message: 'The account is due or closed before it was opened.' };
  if (history && before(as_of, history.to))
    yield { rule: 'history_beyond_as_of', message: 'The history goes on after the day of the facts.' };
  if ((status === 'settled' || status === 'closed') && above(balance, '0'))
    yield { rule: 'settled_with_balance', message: 'The account is settled or closed and has a balance.' };
  if (kind === 'person' && record.is_adverse === undefined && isLate(record))
    yield {
      rule: 'adverse_unmarked',
      message: 'The account is late and does not say whether it is adverse.',
    };
}

const isLate = ({ status, overdue_total }: AccountRecord): boolean =>
  status === 'overdue' || status === 'bad_debt' || above(overdue_total, '0');

/** True where both are there and `a` is larger: decimal strings without a sign or leading zeros. */
function above(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.length === b.length ? a > b : a.length > b.length;
}

/** True where both are there and `a` is earlier, in the precision that both have. */
function before(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  const length = Math.min(a.length, b.length);
  return a.slice(0, length) < b.slice(0, length);
}
