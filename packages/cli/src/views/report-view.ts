import type { DeliveredReport } from '@causeway/sdk';
import { paint } from '../terminal.ts';
import { amount } from './amounts.ts';
import { furtherLines } from './further-view.ts';
import { table } from './table.ts';

type Claims = DeliveredReport['report']['claims'];

/** Accounts shown before the rest is only counted. */
const ACCOUNTS_SHOWN = 12;
const MONTHS_SHOWN = 24;

/**
 * A merged report as a loan officer reads it: who answered, totals, accounts with their source,
 * disagreements.
 */
export function reportLines(claims: Claims): string[] {
  return [
    ...manifestLines(claims),
    '',
    ...exposureLines(claims),
    '',
    ...accountLines(claims),
    ...obligationLines(claims),
    ...furtherLines(claims),
    ...conflictLines(claims),
  ];
}

const OUTCOME_COLOUR = { answered: 'green', empty: 'green', not_found: 'gray' } as const;

function manifestLines(claims: Claims): string[] {
  const rows = claims.manifest.map((row) => [
    row.bureau,
    paint(OUTCOME_COLOUR[row.outcome as keyof typeof OUTCOME_COLOUR] ?? 'yellow', row.outcome),
    String(row.records),
    row.as_of ?? '',
    row.code ?? '',
  ]);
  return table(
    [
      { head: 'bureau' },
      { head: 'outcome' },
      { head: 'records', align: 'right' },
      { head: 'as of' },
      { head: 'reason' },
    ],
    rows,
  );
}

function exposureLines({ exposure }: Claims): string[] {
  const bound = exposure.lower_bound ? paint('yellow', 'at least (not every bureau answered): ') : '';
  return exposure.groups.map(
    (group) =>
      `${bound}${counted(group.open_accounts, 'open account')} at ` +
      `${counted(group.lender_count, 'lender')}, balance ` +
      `${amount(group.total_balance, group.currency)} ${group.currency}, ` +
      `due each month ${stated(group, 'monthly_due')}, overdue ${stated(group, 'overdue')}`,
  );
}

type Group = Claims['exposure']['groups'][number];

/** A total, and of how many accounts it says nothing: what nobody stated is no zero. */
function stated(group: Group, what: 'monthly_due' | 'overdue'): string {
  const missing = group.not_stated[what];
  if (missing > 0 && missing >= group.open_accounts) return paint('yellow', 'not stated');
  const total = what === 'overdue' ? group.overdue_now : group.monthly_due;
  const text = amount(total, group.currency);
  const shown = what === 'overdue' && total !== '0' ? paint('red', text) : text;
  return missing > 0 ? `${shown} (${counted(missing, 'account')} not stated)` : shown;
}

function accountLines({ merged }: Claims): string[] {
  if (merged.accounts.length === 0) return ['no accounts'];
  const shown = merged.accounts.slice(0, ACCOUNTS_SHOWN);
  const lines = table(
    [
      { head: 'account' },
      { head: 'source' },
      { head: 'opened' },
      { head: 'limit', align: 'right' },
      { head: 'balance', align: 'right' },
      { head: 'month', align: 'right' },
      { head: 'state' },
      { head: `last ${MONTHS_SHOWN} months, newest right` },
    ],
    shown.map((account) => [
      account.type,
      account.sources.map(({ bureau }) => bureau).join('+'),
      account.opened ?? '',
      amount(account.limit, account.currency),
      amount(account.balance, account.currency),
      amount(account.scheduled_due, account.currency),
      account.status,
      strip(account.history?.states),
    ]),
  );
  const hidden = merged.accounts.length - shown.length;
  return hidden > 0 ? [...lines, `and ${hidden} more accounts`] : lines;
}

function obligationLines({ merged }: Claims): string[] {
  const apart = merged.obligations.filter((obligation) => obligation.same_debt === undefined);
  const debts = merged.same_debts.length;
  return [
    ...(debts > 0 ? [`${counted(debts, 'debt')} reported by two bureaus, counted once`] : []),
    ...(apart.length > 0 ? [`${counted(apart.length, 'regular payment')} beside them`] : []),
  ];
}

function conflictLines({ conflicts, merged }: Claims): string[] {
  return conflicts.map(({ field, values, rule, same_debt }) => {
    const currency = merged.accounts.find((account) => account.same_debt === same_debt)?.currency;
    const said = values
      .map(({ bureau, value }) => `${bureau} says ${shown(field, value, currency)}`)
      .join(', ');
    return `${paint('yellow', 'conflict')} on ${field}: ${said} (${rule})`;
  });
}

const AMOUNTS = new Set([
  'original',
  'limit',
  'balance',
  'used',
  'scheduled_due',
  'actual_paid',
  'overdue_total',
]);

const shown = (field: string, value: unknown, currency: string | undefined): string =>
  AMOUNTS.has(field) && currency ? amount(String(value), currency) : String(value);

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

/** A repayment strip: a dot for a month on time, the digit for one that was late. */
function strip(states: string | undefined): string {
  if (states === undefined) return '';
  return [...states.slice(-MONTHS_SHOWN)]
    .map((code) => (/[1-7BDZ]/.test(code) ? paint('red', code) : code === 'N' ? paint('green', '·') : code))
    .join('');
}
