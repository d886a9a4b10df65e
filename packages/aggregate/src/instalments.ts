import type { Conflict, ObligationRecord } from '@causeway/records';
import { ambiguity, type Debt } from './debts.ts';
import { resolvedAccount } from './resolve.ts';
import { byOrigin, type Item } from './rows.ts';

type Obligation = Item<ObligationRecord>;

interface Pairing {
  /** The debt that an obligation pays, for the obligations that were recognised. */
  readonly pays: ReadonlyMap<Obligation, Debt>;
  readonly conflicts: Conflict[];
}

/** Two systems round an instalment by themselves: it may differ by this many minor units. */
const toleranceMinor = 10n;
const bucketMinor = toleranceMinor + 1n;

const kindOfType = { term: 'loan', lease: 'lease' } as const;

/**
 * Recognises the regular payment of one bureau as the instalment of a loan or lease that another reports:
 * same kind, currency and frequency, amounts equal but for rounding. Only a pair in which neither side has a
 * second candidate is one debt; everything else stays apart and is a conflict.
 */
export function pairInstalments(debts: readonly Debt[], obligations: readonly Obligation[]): Pairing {
  const candidates = candidatePairs(debts, obligations);
  const payersOf = groupBy(candidates, ([debt]) => debt);
  const paidBy = groupBy(candidates, ([, obligation]) => obligation);
  const pays = new Map<Obligation, Debt>();
  const conflicts: Conflict[] = [];
  const settled = new Set<Debt>();
  for (const [debt, pairs] of payersOf) {
    if (settled.has(debt)) continue;
    const [only] = pairs;
    if (pairs.length === 1 && only && paidBy.get(only[1])?.length === 1) {
      pays.set(only[1], debt);
      continue;
    }
    const [together, payments] = connected(debt, payersOf, paidBy);
    for (const one of together) settled.add(one);
    const members = [
      ...[...together].flatMap((one) =>
        one.accounts.map((item) => [item, item.record.scheduled_due ?? ''] as const),
      ),
      ...[...payments].map((item) => [item, item.record.instalment.amount_minor] as const),
    ];
    conflicts.push(ambiguity(members.toSorted(([a], [b]) => byOrigin(a, b))));
  }
  return { pays, conflicts };
}

type Pair = readonly [Debt, Obligation];

function candidatePairs(debts: readonly Debt[], obligations: readonly Obligation[]): Pair[] {
  const buckets = groupBy(obligations, ({ record }) => {
    const { amount_minor, currency } = record.instalment;
    return bucketKey(record.kind, currency, record.frequency, BigInt(amount_minor) / bucketMinor);
  });
  return debts.flatMap((debt) => {
    const { type, currency, scheduled_due, repayment_frequency = 'month' } = resolvedAccount(debt).record;
    if ((type !== 'term' && type !== 'lease') || scheduled_due === undefined || scheduled_due === '0')
      return [];
    const due = BigInt(scheduled_due);
    const bucket = due / bucketMinor;
    const near = [bucket - 1n, bucket, bucket + 1n].flatMap(
      (at) => buckets.get(bucketKey(kindOfType[type], currency, repayment_frequency, at)) ?? [],
    );
    const fits = ({ bureau, record }: Obligation) =>
      within(BigInt(record.instalment.amount_minor) - due) &&
      debt.accounts.every((one) => one.bureau !== bureau);
    return near.filter(fits).map((obligation) => [debt, obligation] as const);
  });
}

function within(difference: bigint): boolean {
  return difference <= toleranceMinor && -difference <= toleranceMinor;
}

function bucketKey(kind: string, currency: string, frequency: string, bucket: bigint): string {
  return `${kind} ${currency} ${frequency} ${bucket}`;
}

/** Everything that hangs together with one debt through shared candidates. */
function connected(
  from: Debt,
  payersOf: ReadonlyMap<Debt, readonly Pair[]>,
  paidBy: ReadonlyMap<Obligation, readonly Pair[]>,
): [Set<Debt>, Set<Obligation>] {
  const debts = new Set([from]);
  const payments = new Set<Obligation>();
  // A set grows while it is walked: each member is visited once, so this ends.
  for (const debt of debts) {
    for (const [, payment] of payersOf.get(debt) ?? []) {
      if (payments.has(payment)) continue;
      payments.add(payment);
      for (const [other] of paidBy.get(payment) ?? []) debts.add(other);
    }
  }
  return [debts, payments];
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
