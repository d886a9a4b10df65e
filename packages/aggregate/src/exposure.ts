import type {
  AccountRecord,
  BureauOutcome,
  Exposure,
  ExposureGroup,
  MergedFile,
  ObligationRecord,
} from '@causeway/records';
import { byText } from './rows.ts';

/** An account is closed when its status says so and nothing is left to pay. */
const closingStatuses: ReadonlySet<string> = new Set(['settled', 'closed', 'ended', 'transferred']);
const limitTypes: ReadonlySet<string> = new Set(['credit_card', 'semi_credit_card', 'revolving_loan']);
const answers: ReadonlySet<BureauOutcome> = new Set(['answered', 'empty', 'not_found']);

function isOpen(account: AccountRecord): boolean {
  return !closingStatuses.has(account.status) || (account.balance !== undefined && account.balance !== '0');
}

/** How a payment's frequency counts in a month: times, of how many months. What is irregular has no month. */
const perMonth: Readonly<Record<string, readonly [bigint, bigint]>> = {
  day: [365n, 12n],
  week: [52n, 12n],
  ten_day: [3n, 1n],
  two_week: [26n, 12n],
  month: [1n, 1n],
  two_month: [1n, 2n],
  quarter: [1n, 3n],
  half_year: [1n, 6n],
  year: [1n, 12n],
};

/** A payment's share of a month in minor units, rounded up. */
function monthly(obligation: ObligationRecord): bigint {
  const [times, months] = perMonth[obligation.frequency] ?? [0n, 1n];
  return (BigInt(obligation.instalment.amount_minor) * times + months - 1n) / months;
}

/**
 * What the subject owes by currency: open accounts, and the loan and lease payments that no reported account
 * explains. Each debt counts once. It is a lower bound as soon as one bureau in scope did not answer.
 */
export function exposureOf(merged: MergedFile, outcomes: readonly BureauOutcome[]): Exposure {
  const open = merged.accounts.filter(isOpen);
  const unexplained = merged.obligations.filter(
    ({ kind, status, same_debt }) =>
      (kind === 'loan' || kind === 'lease') && status !== 'ended' && same_debt === undefined,
  );
  const currencies = new Set([
    ...open.map((account) => account.currency),
    ...unexplained.map((obligation) => obligation.instalment.currency),
  ]);
  const groups = [...currencies].toSorted(byText).map((currency) =>
    groupOf(
      currency,
      open.filter((account) => account.currency === currency),
      unexplained.filter((obligation) => obligation.instalment.currency === currency),
    ),
  );
  return { groups, lower_bound: !outcomes.every((outcome) => answers.has(outcome)) };
}

type Account = MergedFile['accounts'][number];

function groupOf(
  currency: string,
  accounts: readonly Account[],
  obligations: readonly ObligationRecord[],
): ExposureGroup {
  const due = total(accounts, 'scheduled_due') + obligations.reduce((sum, one) => sum + monthly(one), 0n);
  return {
    currency,
    open_accounts: accounts.length,
    lender_count: new Set(accounts.map(lenderOf)).size,
    total_limit: total(
      accounts.filter(({ type }) => limitTypes.has(type)),
      'limit',
    ).toString(),
    total_balance: total(accounts, 'balance').toString(),
    monthly_due: due.toString(),
    overdue_now: total(accounts, 'overdue_total').toString(),
    not_stated: {
      balance: missing(accounts, 'balance'),
      monthly_due: missing(accounts, 'scheduled_due'),
      overdue: missing(accounts, 'overdue_total'),
    },
  };
}

type Amount = 'limit' | 'balance' | 'scheduled_due' | 'overdue_total';

function total(accounts: readonly Account[], field: Amount): bigint {
  return accounts.reduce((sum, account) => sum + BigInt(account[field] ?? '0'), 0n);
}

/** A missing amount is not a zero, unless its source says that it has none by nature. */
function missing(accounts: readonly Account[], field: Amount): number {
  return accounts.filter((one) => one[field] === undefined && one.absent?.[field] !== 'not_applicable')
    .length;
}

/**
 * Whoever lends: its federation-wide reference, else the institution, else the bureau's one unnamed lender.
 */
function lenderOf(account: Account): string {
  if (account.lender_ref !== undefined) return `ref ${account.lender_ref}`;
  if (account.source_institution !== undefined) return `institution ${account.source_institution}`;
  return `bureau ${account.sources[0]?.bureau ?? ''}`;
}
