import { limits } from '@causeway/kernel';
import type {
  AccountRecord,
  Conflict,
  Exposure,
  InquiryRecord,
  ManifestRow,
  MergedAccount,
  MergedFile,
  MergedObligation,
  ObligationRecord,
  ProfileRecord,
  SameDebt,
  Source,
} from '@causeway/records';
import { furtherListOf } from '@causeway/records';
import { recognise, type Debt } from './debts.ts';
import { exposureOf } from './exposure.ts';
import { pairInstalments } from './instalments.ts';
import { profileConflicts } from './profiles.ts';
import { resolvedAccount } from './resolve.ts';
import { byOrigin, byText, itemsOf, manifestOf, orderedRows, type BureauRow, type Item } from './rows.ts';

/** The parts of a report that follow from the disclosures alone. */
export interface Merge {
  readonly merged: MergedFile;
  readonly exposure: Exposure;
  readonly conflicts: Conflict[];
  readonly manifest: ManifestRow[];
}

/**
 * Merges what the bureaus disclosed. Pure and deterministic: the same rows in any order give the same bytes,
 * so that whoever holds the disclosures can recompute the report. Throws CausewayError 'link_mismatch' on
 * disclosures that do not belong together.
 */
export function merge(rows: readonly BureauRow[]): Merge {
  const ordered = orderedRows(rows);
  const items = itemsOf(ordered);
  const obligations = items.filter(isObligation);
  const profiles = items.filter(isProfile);
  const recognised = recognise(items.filter(isAccount));
  const paired = pairInstalments(recognised.debts, obligations);
  const numbered = numberDebts(recognised.debts, paired.pays);
  const merged: MergedFile = {
    accounts: recognised.debts
      .map((debt) => mergedAccount(debt, numbered.indexOf.get(debt)))
      .toSorted(bySource),
    obligations: obligations.map((item) =>
      mergedObligation(item, numbered.indexOf.get(paired.pays.get(item))),
    ),
    profiles: profiles.map((item) => ({ ...item.record, sources: [sourceOf(item)] })),
    inquiries: items.filter(isInquiry).map((item) => ({ ...item.record, sources: [sourceOf(item)] })),
    same_debts: numbered.same_debts,
    ...furtherLists(items),
  };
  const ofDebts = recognised.debts.flatMap((debt) => numberedConflicts(debt, numbered.indexOf.get(debt)));
  return {
    merged,
    exposure: exposureOf(
      merged,
      ordered.map((row) => row.outcome),
    ),
    conflicts: inOrder([
      ...ofDebts,
      ...recognised.conflicts,
      ...paired.conflicts,
      ...profileConflicts(profiles),
    ]),
    manifest: manifestOf(ordered),
  };
}

const isAccount = (item: Item): item is Item<AccountRecord> => item.record.record === 'account';
const isObligation = (item: Item): item is Item<ObligationRecord> => item.record.record === 'obligation';
const isProfile = (item: Item): item is Item<ProfileRecord> => item.record.record === 'profile';
const isInquiry = (item: Item): item is Item<InquiryRecord> => item.record.record === 'inquiry';

/** Records that bureaus cannot mean in common: each stays in the list of its kind, with its source. */
function furtherLists(items: readonly Item[]): Partial<MergedFile> {
  const lists: Record<string, object[]> = {};
  for (const item of items) {
    const { record } = item.record;
    if (!Object.hasOwn(furtherListOf, record)) continue;
    const list = furtherListOf[record as keyof typeof furtherListOf];
    (lists[list] ??= []).push({ ...item.record, sources: [sourceOf(item)] });
  }
  return lists;
}

interface Numbered {
  readonly same_debts: SameDebt[];
  /** The place in `same_debts` of a debt that two bureaus report. */
  readonly indexOf: ReadonlyMap<Debt | undefined, number>;
}

function numberDebts(debts: readonly Debt[], pays: ReadonlyMap<Item<ObligationRecord>, Debt>): Numbered {
  const payments = new Map([...pays].map(([obligation, debt]) => [debt, obligation]));
  const shared = debts.filter((debt) => debt.accounts.length > 1 || payments.has(debt));
  const entries = shared.map((debt) => {
    const payment = payments.get(debt);
    const members = [...debt.accounts, ...(payment ? [payment] : [])].toSorted(byOrigin);
    const rules = payment ? [...debt.rules, 'instalment' as const].toSorted(byText) : [...debt.rules];
    const same: SameDebt = { rules, members: members.map(memberOf) };
    return { debt, same, key: JSON.stringify(same.members) };
  });
  entries.sort((a, b) => byText(a.key, b.key));
  return {
    same_debts: entries.map(({ same }) => same),
    indexOf: new Map(entries.map(({ debt }, at) => [debt, at])),
  };
}

function memberOf({ bureau, record }: Item<AccountRecord | ObligationRecord>): SameDebt['members'][number] {
  return { bureau, record: record.record, record_id: record.record_id };
}

function sourceOf({ bureau, disclosure, record }: Item): Source {
  return { bureau, record_id: record.record_id, disclosure };
}

function mergedAccount(debt: Debt, same_debt: number | undefined): MergedAccount {
  const { record, items, filled } = resolvedAccount(debt);
  return {
    ...record,
    sources: items.map(sourceOf),
    ...(same_debt === undefined ? {} : { same_debt }),
    ...(filled.length === 0 ? {} : { filled: [...filled] }),
  };
}

function mergedObligation(item: Item<ObligationRecord>, same_debt: number | undefined): MergedObligation {
  return { ...item.record, sources: [sourceOf(item)], ...(same_debt === undefined ? {} : { same_debt }) };
}

function numberedConflicts(debt: Debt, same_debt: number | undefined): Conflict[] {
  const { conflicts } = resolvedAccount(debt);
  return conflicts.map((conflict) => (same_debt === undefined ? conflict : { ...conflict, same_debt }));
}

function bySource(a: MergedAccount, b: MergedAccount): number {
  const [left, right] = [a.sources[0], b.sources[0]];
  return (
    byText(left?.bureau ?? '', right?.bureau ?? '') || byText(left?.record_id ?? '', right?.record_id ?? '')
  );
}

/** One order for conflicts, and no more than a report may carry. */
function inOrder(conflicts: readonly Conflict[]): Conflict[] {
  const keyed = conflicts.map((conflict) => ({
    conflict,
    key: JSON.stringify([conflict.field, conflict.values]),
  }));
  const sorted = keyed.toSorted((a, b) => byText(a.key, b.key));
  return sorted.slice(0, limits.conflictsMax).map(({ conflict }) => conflict);
}
