import type { Leaf, Snapshot } from './snapshot.ts';

/** A rule that the databases of a federation at rest keep, whatever was killed, and a row that breaks it. */
export interface Violation {
  invariant: Invariant | typeof PROVEN;
  /** The member whose record is wrong. */
  node: string;
  row: string;
}

/** Judged from the databases themselves, by `unprovenLedgers`. */
export const PROVEN = 'every ledger re-proves, to its last leaf';

type Check = (snapshot: Snapshot) => Omit<Violation, 'invariant'>[];

const REPORTED = new Set(['complete', 'partial']);
const UNREPORTED = new Set(['refused', 'failed']);
const ENDED = REPORTED.union(UNREPORTED);

/** Each by its name. All of them are judged for everything that is there, not only for what a test asked. */
export const INVARIANTS = {
  'what was accepted is kept': ({ broker, told }) => {
    const known = new Set(broker.inquiries.map(({ digest }) => digest));
    return told.accepted.flatMap((digest) => (known.has(digest) ? [] : at('broker', digest)));
  },

  'what was accepted is answered in full': ({ broker, told }) => {
    const accepted = new Set(told.accepted);
    const scope = grouped(broker.scope, ({ inquiry }) => inquiry);
    const held = grouped(broker.disclosures, ({ inquiry }) => inquiry);
    return broker.inquiries.flatMap(({ digest, inquiry, state }) => {
      if (!accepted.has(digest) || !ENDED.has(state)) return [];
      const answers = new Set(held.get(inquiry)?.map(({ bureau }) => bureau));
      const full = scope.get(inquiry)?.every(({ bureau }) => answers.has(bureau)) ?? false;
      return state === 'complete' && full ? [] : at('broker', digest);
    });
  },

  'what a lender holds is what is stored': ({ broker, told }) => {
    const stored = new Set([...broker.reports, ...broker.disclosures].map(({ digest }) => digest));
    const held = [...told.reports, ...told.disclosures.map(({ digest }) => digest)];
    return held.flatMap((digest) => (stored.has(digest) ? [] : at('broker', digest)));
  },

  'nothing is left to do': ({ broker }) => {
    // Where an inquiry was refused its rows stay as they stood: no bureau is asked any more.
    const over = new Set(broker.inquiries.flatMap((row) => (UNREPORTED.has(row.state) ? row.inquiry : [])));
    const open = broker.scope.filter(({ state }) => state === 'waiting' || state === 'asking');
    return [
      ...broker.outbox.flatMap(({ inquiry }) => at('broker', inquiry)),
      ...open.flatMap(({ bureau, inquiry }) =>
        over.has(inquiry) ? [] : at('broker', `${inquiry} ${bureau}`),
      ),
      ...broker.inquiries.flatMap(({ inquiry, state }) => (ENDED.has(state) ? [] : at('broker', inquiry))),
    ];
  },

  'one report, and its versions in order': ({ broker, ledgers }) => {
    const versions = grouped(broker.reports, ({ inquiry }) => inquiry);
    const leaves = grouped(leavesOf(ledgers['broker']?.leaves, 'report'), ({ inquiry }) => inquiry ?? '');
    return broker.inquiries.flatMap(({ digest, inquiry, state }) => {
      const found = (versions.get(inquiry) ?? []).map(({ version }) => version).toSorted((a, b) => a - b);
      const expected = REPORTED.has(state) ? Math.max(1, found.length) : 0;
      const dense = found.length === expected && found.every((version, i) => version === i + 1);
      return dense && (leaves.get(digest) ?? []).length <= expected ? [] : at('broker', inquiry);
    });
  },

  'one use of an inquiry, the same everywhere': ({ broker, consumer }) => {
    const spent = grouped(consumer.uses, ({ inquiry }) => inquiry);
    const twice = [...spent].flatMap(([inquiry, uses]) => (uses.length > 1 ? at('consumer', inquiry) : []));
    const other = broker.inquiries.flatMap(({ digest, use }) =>
      use === null || spent.get(digest)?.some((row) => row.use === use) ? [] : at('broker', digest),
    );
    return [...twice, ...other];
  },

  'no use is refunded or given twice': ({ consumer }) => {
    const spent = grouped(consumer.uses, ({ consent }) => consent);
    return consumer.consents.flatMap(({ digest, max_uses: most, uses }) => {
      const numbers = (spent.get(digest) ?? []).map(({ use }) => use).toSorted((a, b) => a - b);
      const dense = numbers.length === uses && numbers.every((use, i) => use === i + 1);
      return dense && uses <= most ? [] : at('consumer', digest);
    });
  },

  'one line of history for each decision': ({ broker, consumer }) => {
    const granted = consumer.uses.map(({ inquiry, use }) => `${inquiry} ${use} granted`);
    const refused = consumer.refusals.map(({ inquiry, iss, use }) => `${inquiry} ${use} refused ${iss}`);
    const early = broker.inquiries.flatMap(({ digest, refused_early: atTheDoor }) =>
      atTheDoor ? [`${digest} 0 refused broker`] : [],
    );
    const decided = new Set([...granted, ...refused, ...early]);
    const lines = grouped(consumer.history, ({ decided_by: by, inquiry, outcome, use }) =>
      [inquiry, use, outcome, ...(outcome === 'refused' ? [by] : [])].join(' '),
    );
    const missing = [...decided].filter((line) => lines.get(line)?.length !== 1);
    const invented = [...lines.keys()].filter((line) => !decided.has(line));
    return [...missing, ...invented].flatMap((line) => at('consumer', line));
  },

  'one disclosure of a bureau for each use': (snapshot) =>
    Object.entries(snapshot.answers).flatMap(([bureau, answers]) => {
      const leaves = grouped(leavesOf(snapshot.ledgers[bureau]?.leaves, 'disclosure'), keyOf);
      const doubled = [...leaves].flatMap(([key, found]) => (found.length > 1 ? at(bureau, key) : []));
      const stored = new Map(answers.map((answer) => [keyOf(answer), answer.digest]));
      const digests = new Map(snapshot.broker.inquiries.map(({ digest, inquiry }) => [inquiry, digest]));
      const other = snapshot.broker.disclosures.filter(
        ({ bureau: from, digest, inquiry, use }) =>
          from === bureau && stored.get(keyOf({ inquiry: digests.get(inquiry) ?? '', use })) !== digest,
      );
      return [...doubled, ...other.flatMap(({ digest }) => at(bureau, digest))];
    }),

  'no disclosure without its leaf': ({ answers, broker, ledgers, told }) => {
    const stored = Object.entries(answers).flatMap(([bureau, rows]) =>
      rows.flatMap(({ digest, state }) => (state === 'disclosed' && digest ? [{ bureau, digest }] : [])),
    );
    return [...stored, ...broker.disclosures, ...told.disclosures].flatMap(({ bureau, digest }) =>
      holds(ledgers[bureau]?.leaves, 'disclosure', digest) ? [] : at(bureau, digest),
    );
  },

  'no grant without its leaf': ({ answers, broker, consumer, ledgers }) => {
    const presented = [...Object.values(answers).flat(), ...broker.disclosures];
    const grants = [
      ...consumer.holders.map(({ digest }) => digest),
      ...presented.map((row) => row.grant_digest),
    ];
    return grants.flatMap((digest) =>
      holds(ledgers['consumer']?.leaves, 'grant', digest) ? [] : at('consumer', digest),
    );
  },

  'no report without its leaf': ({ broker, ledgers, told }) =>
    [...broker.reports.map(({ digest }) => digest), ...told.reports].flatMap((digest) =>
      holds(ledgers['broker']?.leaves, 'report', digest) ? [] : at('broker', digest),
    ),

  'no inquiry without its leaf': ({ broker, ledgers }) =>
    broker.inquiries.flatMap(({ digest }) =>
      holds(ledgers['broker']?.leaves, 'inquiry', digest) ? [] : at('broker', digest),
    ),

  'every ledger is dense, and nothing waits for its place': ({ ledgers }) =>
    Object.entries(ledgers).flatMap(([node, { leaves, size, staged }]) => {
      const gap = leaves.findIndex(({ idx }, i) => idx !== i);
      const twice = [...grouped(leaves, ({ digest }) => digest)].find(([, found]) => found.length > 1);
      return [
        ...staged.flatMap((digest) => at(node, digest)),
        ...(gap < 0 ? [] : at(node, `index ${gap}`)),
        ...(twice ? at(node, twice[0]) : []),
        ...(size === leaves.length ? [] : at(node, `size ${size}`)),
      ];
    }),
} as const satisfies Record<string, Check>;

export type Invariant = keyof typeof INVARIANTS;

/** Every row that breaks a rule, each once per rule, in the order of the rules. */
export function violationsOf(snapshot: Snapshot): Violation[] {
  const checks = Object.entries(INVARIANTS) as [Invariant, Check][];
  const found = checks.flatMap(([invariant, check]) =>
    check(snapshot).map((place) => ({ invariant, ...place })),
  );
  return [...new Map(found.map((each) => [JSON.stringify(each), each])).values()];
}

const at = (node: string, row: string): Omit<Violation, 'invariant'>[] => [{ node, row }];
const keyOf = ({ inquiry, use }: { inquiry: string | null; use: number | null }): string =>
  `${inquiry} ${use}`;

const indexes = new WeakMap<readonly Leaf[], Set<string>>();

function holds(leaves: readonly Leaf[] | undefined, typ: string, digest: string): boolean {
  if (!leaves) return false;
  const index = indexes.get(leaves) ?? new Set(leaves.map((leaf) => `${leaf.typ} ${leaf.digest}`));
  indexes.set(leaves, index);
  return index.has(`${typ} ${digest}`);
}

const leavesOf = (leaves: readonly Leaf[] = [], typ: string): Leaf[] =>
  leaves.filter((leaf) => leaf.typ === typ);

function grouped<T>(rows: readonly T[], key: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row]);
  return groups;
}
