import type { RecordOf } from '@causeway/records/record';
import { createHash } from 'node:crypto';

import type { Holding } from '../native-system.ts';

type Account = RecordOf<'account'>;

/** A loan as the native system holds it, before the query or the file writes it its own way. */
export interface NativeLoan {
  readonly loanNo: string;
  readonly amtFen: bigint;
  readonly balFen: bigint;
  /** Days, `YYYY-MM-DD`. */
  readonly opened: string;
  readonly due: string | undefined;
  readonly terms: string | undefined;
  readonly status: 'S' | 'N' | 'O' | 'W';
  readonly maxOverdueDays: number;
}

/** Statuses that the format has no letter for are written as the nearest that it has. */
const letters: Partial<Record<Account['status'], NativeLoan['status']>> = {
  settled: 'S',
  closed: 'S',
  ended: 'S',
  overdue: 'O',
  collecting: 'O',
  bad_debt: 'W',
};

/** The loans of a holding. What the format has no place for is lost: limits, histories, lenders. */
export function loansOf({ records }: Holding): NativeLoan[] {
  const accounts = records.filter((record): record is Account => record.record === 'account');
  return accounts.map((account) => ({
    loanNo: loanNumber(account.account_ref),
    amtFen: BigInt(account.original ?? account.limit ?? account.balance ?? '0'),
    balFen: BigInt(account.balance ?? '0'),
    opened: wholeDay(account.opened ?? account.as_of),
    due: account.due === undefined ? undefined : wholeDay(account.due),
    terms: account.native_ext?.['terms'] ?? (account.term_count ? `[${account.term_count}]` : undefined),
    status: letters[account.status] ?? 'N',
    maxOverdueDays: Number(account.native_ext?.['max_overdue_days'] ?? (account.overdue_terms ?? 0) * 30),
  }));
}

/** The score of a holding; null for a person who could not be scored, undefined for one without a score. */
export function scoreOf({ records }: Holding): number | null | undefined {
  const score = records.find((record): record is RecordOf<'score'> => record.record === 'score');
  return score === undefined ? undefined : (score.value ?? null);
}

/** The newest day of anything held: the format has one for all. */
export function dayOf({ records }: Holding): string {
  const days = records.map(({ as_of }) => wholeDay(as_of)).sort();
  return days.at(-1) ?? '2019-06-30';
}

/** A column of 24 characters; what does not fit there has a number of its own, the same every time. */
function loanNumber(accountRef: string): string {
  if (/^[A-Za-z0-9-]{1,24}$/u.test(accountRef)) return accountRef;
  return `XL${createHash('sha256').update(accountRef).digest('hex').slice(0, 22)}`;
}

const wholeDay = (date: string): string => (date + '-01-01').slice(0, 10);
