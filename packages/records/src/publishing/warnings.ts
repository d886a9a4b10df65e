import { recordDoubts, type SubjectKind } from '../record-rules.ts';
import type { AccountRecord, CreditRecord } from '../record.ts';
import type { WarningRule } from './rules.ts';

/** What is odd about a record that is taken: the rule, and a sentence without a value. */
export interface Oddity {
  readonly rule: WarningRule;
  readonly message: string;
}

/**
 * Looks at a record as a whole: what is doubtful about it wherever it comes from, and what hints at a mistake
 * of its mapping. Amounts are minor units of one currency, so that they compare.
 */
export function* odditiesOf(record: CreditRecord, kind: SubjectKind): Generator<Oddity> {
  for (const { breaks, id, message } of recordDoubts) {
    for (const field of breaks(record)) yield { rule: id, message: `The field "${field}" ${message}.` };
  }
  if (record.record !== 'account') return;
  const { opened, due, as_of, history } = record;
  if (before(due, opened))
    yield { rule: 'dates_out_of_order', message: 'The account is due before it was opened.' };
  if (history && before(as_of, history.to))
    yield { rule: 'history_beyond_as_of', message: 'The history goes on after the day of the facts.' };
  if (kind === 'person' && record.is_adverse === undefined && isLate(record))
    yield {
      rule: 'adverse_unmarked',
      message: 'The account is late and does not say whether it is adverse.',
    };
}

const isLate = ({ status, overdue_total = '0' }: AccountRecord): boolean =>
  status === 'overdue' || status === 'bad_debt' || overdue_total !== '0';

/** True where both are there and `a` is earlier, in the precision that both have. */
function before(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  const length = Math.min(a.length, b.length);
  return a.slice(0, length) < b.slice(0, length);
}
