import type { AccountRecord, Conflict } from '@causeway/records';
import type { Debt } from './debts.ts';
import { historyConflict } from './history.ts';
import { byOrigin, byText, type Item } from './rows.ts';

/** One account per debt: the chosen values, what other bureaus supplied, and where they disagree. */
export interface Resolved {
  readonly record: AccountRecord;
  /** The items of the debt, the one that gives its envelope first. */
  readonly items: readonly Item<AccountRecord>[];
  readonly filled: readonly { field: string; bureau: string; record_id: string }[];
  readonly conflicts: readonly Conflict[];
}

const amountFields = [
  'original',
  'limit',
  'balance',
  'used',
  'scheduled_due',
  'actual_paid',
  'overdue_total',
] as const;

const otherFields = [
  'type',
  'status',
  'opened',
  'due',
  'closed',
  'last_paid_on',
  'overdue_terms',
  'term_count',
  'remaining_terms',
  'repayment_frequency',
  'class5',
] as const;

const amounts: ReadonlySet<string> = new Set(amountFields);

/** Newest first; of two as new, the bureau's name decides. */
function byRecency(a: Item, b: Item): number {
  return byText(b.record.as_of, a.record.as_of) || byOrigin(a, b);
}

const resolved = new WeakMap<Debt, Resolved>();

/** The one account of a debt; computed once for each. */
export function resolvedAccount(debt: Debt): Resolved {
  const known = resolved.get(debt) ?? resolve(debt);
  resolved.set(debt, known);
  return known;
}

function resolve(debt: Debt): Resolved {
  const items = debt.accounts.toSorted(byRecency);
  const [primary] = items;
  if (!primary) throw new RangeError('a debt has an account');
  if (items.length === 1) return { record: primary.record, items, filled: [], conflicts: [] };
  const record: Record<string, unknown> = { ...primary.record };
  const absent: Record<string, unknown> = { ...primary.record.absent };
  const filled: { field: string; bureau: string; record_id: string }[] = [];
  const conflicts: Conflict[] = [];
  for (const field of [...otherFields, ...amountFields, 'history'] as const) {
    const having = items.filter((item) => item.record[field] !== undefined);
    const conflict = field === 'history' ? historyConflict(having) : scalarConflict(field, having);
    if (conflict) conflicts.push(conflict);
    const supplier = having[conflict?.chosen ?? 0];
    if (!supplier) continue;
    record[field] = supplier.record[field];
    if (primary.record[field] !== undefined) continue;
    delete absent[field];
    filled.push({ field, bureau: supplier.bureau, record_id: supplier.record.record_id });
  }
  delete record['absent'];
  if (Object.keys(absent).length > 0) record['absent'] = absent;
  return { record: record as AccountRecord, items, filled, conflicts };
}

type Valued = string | number | boolean;

/**
 * The conflict of a field on which the items (newest first, each with a value) disagree; undefined where they
 * agree. The newest value is chosen; of equally new amounts the larger, because a lender must not think a
 * debt smaller.
 */
export function scalarConflict(field: string, having: readonly Item[]): Conflict | undefined {
  const values = having.map(({ bureau, record }) => ({
    bureau,
    record_id: record.record_id,
    value: valueOf((record as Readonly<Record<string, unknown>>)[field]),
    as_of: record.as_of,
  }));
  if (new Set(values.map(({ value }) => value)).size < 2) return undefined;
  const newest = values.filter(({ as_of }) => as_of === values[0]?.as_of);
  if (new Set(newest.map(({ value }) => value)).size < 2)
    return { field, values, chosen: 0, rule: 'latest_as_of' };
  if (!amounts.has(field)) return { field, values, chosen: 0, rule: 'bureau_order' };
  const largest = newest.reduce((most, next) => (BigInt(next.value) > BigInt(most.value) ? next : most));
  return { field, values, chosen: values.indexOf(largest), rule: 'larger_amount' };
}

/** A value as a conflict shows it: money with its currency. */
function valueOf(value: unknown): Valued {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return Object.values(value ?? {}).join(' ');
}
