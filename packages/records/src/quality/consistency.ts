import type { AccountRecord, CreditRecord } from '../record.ts';

/** Something that must hold between the members of one record, where it applies at all. */
interface ConsistencyRule {
  /** Stable: operators and supervisors count by it. */
  readonly id: string;
  /** Undefined where the record says nothing that the rule is about. */
  readonly holds: (record: AccountRecord) => boolean | undefined;
}

const ended: ReadonlySet<string> = new Set(['settled', 'closed', 'ended']);
const cards: ReadonlySet<string> = new Set(['credit_card', 'semi_credit_card', 'revolving_loan']);
/** The months of a packed history in which something was due and not paid. */
const pastDue: ReadonlySet<string> = new Set(['M', '1', '2', '3', '4', '5', '6', '7', 'B']);

/** True for a sum that is no more than another, both in minor units as decimal strings. */
const atMost = (a: string, b: string): boolean => a.length < b.length || (a.length === b.length && a <= b);

/** True for a date that is not after another, as far as both are known. */
function notAfter(a: string, b: string): boolean {
  const known = Math.min(a.length, b.length);
  return a.slice(0, known) <= b.slice(0, known);
}

const ordered = (a: string | undefined, b: string | undefined): boolean | undefined =>
  a === undefined || b === undefined ? undefined : notAfter(a, b);

const within = (a: string | undefined, b: string | undefined): boolean | undefined =>
  a === undefined || b === undefined ? undefined : atMost(a, b);

/** The state of the month of `as_of`, where the history reaches it. */
function stateNow({ as_of, history }: AccountRecord): string | undefined {
  return history?.to === as_of.slice(0, 7) ? history.states.at(-1) : undefined;
}

/** The rules for accounts; each is one sentence of docs/quality.md. */
const accountRules: readonly ConsistencyRule[] = [
  {
    id: 'overdue_has_amount',
    holds: ({ status, overdue_total: due }) =>
      status === 'overdue' && due !== undefined ? due !== '0' : undefined,
  },
  {
    id: 'normal_owes_nothing',
    holds: ({ status, overdue_total: due }) =>
      status === 'normal' && due !== undefined ? due === '0' : undefined,
  },
  {
    id: 'ended_has_no_balance',
    holds: ({ balance, status }) =>
      ended.has(status) && balance !== undefined ? balance === '0' : undefined,
  },
  {
    id: 'history_says_status',
    holds: (record) => {
      const state = stateNow(record);
      if (state === undefined) return undefined;
      if (record.status === 'overdue') return pastDue.has(state);
      return record.status === 'normal' ? !pastDue.has(state) || state === 'M' : undefined;
    },
  },
  {
    id: 'used_within_limit',
    holds: ({ balance, limit, type, used }) => (cards.has(type) ? within(used ?? balance, limit) : undefined),
  },
  {
    id: 'balance_within_original',
    holds: ({ balance, original, type }) => (type === 'term' ? within(balance, original) : undefined),
  },
  {
    id: 'buckets_within_overdue',
    holds: ({ overdue_principal: buckets, overdue_total: due }) =>
      buckets === undefined || due === undefined
        ? undefined
        : Object.values(buckets).reduce((sum, part) => sum + BigInt(part), 0n) <= BigInt(due),
  },
  { id: 'opened_before_due', holds: ({ due, opened }) => ordered(opened, due) },
  { id: 'opened_before_closed', holds: ({ closed, opened }) => ordered(opened, closed) },
  { id: 'opened_by_as_of', holds: ({ as_of, opened }) => ordered(opened, as_of) },
];

/**
 * Tells of every rule that applies to a record whether it holds: `reported_by_receipt` and
 * `as_of_by_receipt` for any record, the others for accounts. `receivedOn` is a full date.
 */
export function checkConsistency(
  record: CreditRecord,
  receivedOn: string,
  tell: (rule: string, holds: boolean) => void,
): void {
  tell('as_of_by_receipt', notAfter(record.as_of, receivedOn));
  const reported = ordered(record.reported_on, receivedOn);
  if (reported !== undefined) tell('reported_by_receipt', reported);
  if (record.record !== 'account') return;
  for (const { holds, id } of accountRules) {
    const held = holds(record);
    if (held !== undefined) tell(id, held);
  }
}
