import type { AccountRecord, Conflict, SameDebtRule } from '@causeway/records';
import { byText, type Item } from './rows.ts';

/** Accounts of different bureaus that are one debt (or one account alone), and the rules that say so. */
export interface Debt {
  readonly accounts: readonly Item<AccountRecord>[];
  readonly rules: readonly SameDebtRule[];
}

interface Recognition {
  readonly debts: Debt[];
  readonly conflicts: Conflict[];
}

/** A full date: two debts are not one because both were opened in some month. */
const dayLength = 'YYYY-MM-DD'.length;

/**
 * Recognises accounts that two bureaus report of one debt: by equal contract digests, then by equal terms
 * (opened, original amount, currency and type). Where a bureau has more than one candidate nothing is joined
 * and the ambiguity is a conflict: a debt counted twice can be seen and corrected, a debt that vanished
 * cannot.
 */
export function recognise(accounts: readonly Item<AccountRecord>[]): Recognition {
  const alone: Debt[] = accounts.map((account) => ({ accounts: [account], rules: [] }));
  const byContract = joinBy(alone, 'contract', contractKeys);
  const byTerms = joinBy(byContract.debts, 'equal_terms', termsKeys);
  return { debts: byTerms.debts, conflicts: [...byContract.conflicts, ...byTerms.conflicts] };
}

function contractKeys({ record }: Item<AccountRecord>): string | undefined {
  return record.contract_digest && `${record.contract_digest} ${record.currency}`;
}

function termsKeys({ record }: Item<AccountRecord>): string | undefined {
  const { opened, original, currency, type } = record;
  if (opened?.length !== dayLength || original === undefined || original === '0') return undefined;
  return [opened, original, currency, type].join(' ');
}

/**
 * Joins debts that share a key, key by key in text order; a join that would be ambiguous becomes a conflict.
 */
function joinBy(
  debts: readonly Debt[],
  rule: SameDebtRule,
  keyOf: (account: Item<AccountRecord>) => string | undefined,
): Recognition {
  const current = new Map<Item<AccountRecord>, Debt>();
  for (const debt of debts) for (const account of debt.accounts) current.set(account, debt);
  const conflicts: Conflict[] = [];
  for (const [, accounts] of grouped([...current.keys()], keyOf)) {
    const sharing = [...new Set(accounts.map((account) => current.get(account)))].filter(
      (debt) => debt !== undefined,
    );
    const verdict = judge(sharing);
    if (verdict === 'apart') continue;
    const all = sharing.flatMap((debt) => debt.accounts);
    if (verdict === 'ambiguous') {
      conflicts.push(
        ambiguity(all.map((account) => [account, account.record.original ?? account.record.type])),
      );
      continue;
    }
    const rules = new Set([...sharing.flatMap((debt) => debt.rules), rule]);
    const joined: Debt = { accounts: all, rules: [...rules].toSorted(byText) };
    for (const account of all) current.set(account, joined);
  }
  return { debts: [...new Set(current.values())], conflicts };
}

/** Two debts at one bureau are two debts, and so are two contracts. */
function judge(sharing: readonly Debt[]): 'one' | 'apart' | 'ambiguous' {
  const bureaus = sharing.flatMap((debt) => debt.accounts.map((account) => account.bureau));
  const distinct = new Set(bureaus).size;
  if (sharing.length < 2 || distinct < 2) return 'apart';
  const contracts = sharing.map((debt) => debt.accounts.find(({ record }) => record.contract_digest)?.record);
  const digests = new Set(contracts.map((record) => record?.contract_digest));
  if (digests.size === sharing.length && !digests.has(undefined)) return 'apart';
  const contradicted = digests.size > (digests.has(undefined) ? 2 : 1);
  return distinct < bureaus.length || contradicted ? 'ambiguous' : 'one';
}

function grouped(
  accounts: readonly Item<AccountRecord>[],
  keyOf: (account: Item<AccountRecord>) => string | undefined,
): [string, Item<AccountRecord>[]][] {
  const groups = new Map<string, Item<AccountRecord>[]>();
  for (const account of accounts) {
    const key = keyOf(account);
    if (key !== undefined) groups.set(key, [...(groups.get(key) ?? []), account]);
  }
  return [...groups].toSorted(([a], [b]) => byText(a, b));
}

/** How many of an ambiguity's records its conflict lists. */
const listedMax = 64;

/** The conflict that says: these may be one debt, and were left apart. */
export function ambiguity(candidates: readonly (readonly [Item, string])[]): Conflict {
  return {
    field: 'same_debt',
    values: candidates.slice(0, listedMax).map(([{ bureau, record }, value]) => ({
      bureau,
      record_id: record.record_id,
      value,
      as_of: record.as_of,
    })),
    rule: 'ambiguous_same_debt',
  };
}
