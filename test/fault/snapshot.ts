import type pg from 'pg';

/** A placed leaf; `idx` is its place in the ledger. */
export interface Leaf {
  idx: number;
  digest: string;
  typ: string;
  inquiry: string | null;
  use: number | null;
}

export interface Ledger {
  leaves: Leaf[];
  /** Leaves that wait for their place. */
  staged: string[];
  size: number;
}

/** What lenders were told, as they hold it. */
export interface Told {
  /** Digests of the inquiries that were answered with 202 and had time enough to be answered in full. */
  accepted: string[];
  reports: string[];
  disclosures: { bureau: string; digest: string }[];
}

interface InquiryRow {
  inquiry: string;
  digest: string;
  state: string;
  use: number | null;
  refused_early: boolean;
}

interface HistoryRow {
  inquiry: string;
  use: number;
  outcome: string;
  decided_by: string;
}

interface Answer {
  inquiry: string;
  /** The newest grant that was presented for it. */
  grant_digest: string;
  use: number;
  state: string;
  digest: string | null;
}

/** What all databases of a federation say at one moment, as far as the invariants need it. */
export interface Snapshot {
  told: Told;
  broker: {
    inquiries: InquiryRow[];
    /** The bureaus in scope. */
    scope: { inquiry: string; bureau: string; state: string }[];
    disclosures: { inquiry: string; bureau: string; use: number; digest: string; grant_digest: string }[];
    reports: { inquiry: string; use: number; version: number; digest: string }[];
    /** Inquiries with work to do, and early refusals on their way. */
    outbox: { inquiry: string }[];
  };
  consumer: {
    consents: { digest: string; uses: number; max_uses: number }[];
    uses: { inquiry: string; consent: string; use: number }[];
    history: HistoryRow[];
    refusals: { inquiry: string; use: number; iss: string }[];
    /** Who holds the newest grant of an inquiry. */
    holders: { digest: string }[];
  };
  answers: Record<string, Answer[]>;
  ledgers: Record<string, Ledger>;
}

/** Asks one member's database; numbers come as numbers. */
export type Ask = <R extends pg.QueryResultRow>(member: string, text: string) => Promise<R[]>;

/** Reads it all; to be called when nothing is under way. `bureaus` are their member ids. */
export async function snapshotOf(ask: Ask, bureaus: readonly string[], told: Told): Promise<Snapshot> {
  const answersOf = async (bureau: string) =>
    [
      bureau,
      await ask<Answer>(bureau, 'SELECT inquiry, use::int, state, digest, grant_digest FROM answer'),
    ] as const;
  return {
    told,
    broker: await brokerOf(ask),
    consumer: {
      consents: await ask('consumer', 'SELECT digest, uses::int, max_uses::int FROM consent'),
      uses: await ask(
        'consumer',
        `SELECT inquiry, consent, use::int FROM consent_use
         UNION ALL SELECT inquiry, cited, use::int FROM basis_use`,
      ),
      history: await ask('consumer', 'SELECT inquiry, use::int, outcome, decided_by FROM access'),
      refusals: await ask('consumer', 'SELECT inquiry, use::int, iss FROM refusal'),
      holders: await ask('consumer', 'SELECT digest FROM grant_holder'),
    },
    answers: Object.fromEntries(await Promise.all(bureaus.map(answersOf))),
    ledgers: await ledgersOf(ask, ['broker', 'consumer', ...bureaus]),
  };
}

/** The ledgers of these members, by member. */
export async function ledgersOf(ask: Ask, members: readonly string[]): Promise<Record<string, Ledger>> {
  const ledger = async (member: string) => [member, await ledgerOf(ask, member)] as const;
  return Object.fromEntries(await Promise.all(members.map(ledger)));
}

async function brokerOf(ask: Ask): Promise<Snapshot['broker']> {
  return {
    inquiries: await ask(
      'broker',
      'SELECT inquiry, digest, state, use::int, refused_early FROM inquiry ORDER BY inquiry',
    ),
    scope: await ask('broker', 'SELECT inquiry, bureau, state FROM inquiry_bureau'),
    disclosures: await ask(
      'broker',
      'SELECT inquiry, bureau, use::int, digest, grant_digest FROM inquiry_disclosure',
    ),
    reports: await ask('broker', 'SELECT inquiry, use::int, version::int, digest FROM inquiry_report'),
    outbox: await ask(
      'broker',
      'SELECT inquiry FROM inquiry_outbox UNION ALL SELECT inquiry FROM refusal_outbox',
    ),
  };
}

async function ledgerOf(ask: Ask, member: string): Promise<Ledger> {
  const staged = await ask<{ digest: string }>(member, 'SELECT digest FROM leaf_staging ORDER BY id');
  const [state] = await ask<{ size: number }>(member, 'SELECT size::int FROM ledger_state');
  return {
    leaves: await ask(member, 'SELECT idx::int, digest, typ, inquiry, use::int FROM leaf ORDER BY idx'),
    staged: staged.map(({ digest }) => digest),
    size: state?.size ?? -1,
  };
}
