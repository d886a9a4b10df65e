import type { Ledger } from './snapshot.ts';

/** A stop that was called while inquiries were under way, with what its nodes acknowledged. */
export interface Race {
  what: 'revoke' | 'freeze' | 'suspend';
  /** Digests of the inquiries that the stop was to stop. */
  inquiries: readonly string[];
  /** The digest of the stop's own statement at the consumer service; a suspension has none. */
  status?: string;
  acks: readonly { node: string; treeSize: number }[];
  /** Who had not acknowledged when the call returned. */
  waiting: readonly string[];
  /** How long the call took. */
  ms: number;
  /** Where the stop was lifted later: sizes of the trees before, behind which nothing is its business. */
  until?: Readonly<Record<string, number>>;
}

/** A release, by its leaf, where none may be. */
export interface LateRelease {
  what: Race['what'];
  node: string;
  typ: string;
  index: number;
  /** From here on there must be none. */
  limit: number;
  digest: string;
}

/** What counts as a release of these nodes: grants of the consumer service, reports of the broker. */
const RELEASES: Readonly<Record<string, string>> = { consumer: 'grant', broker: 'report' };
const releaseOf = (node: string): string => RELEASES[node] ?? 'disclosure';

/**
 * Every release of a stopped inquiry whose leaf lies at or beyond the tree size of its node's ack. The
 * consumer service acknowledges its own stops by their leaves: no grant lies behind one.
 */
export function lateReleases(
  races: readonly Race[],
  ledgers: Readonly<Record<string, Ledger>>,
): LateRelease[] {
  const found: LateRelease[] = [];
  const releases = Object.fromEntries(
    Object.entries(ledgers).map(([node, { leaves }]) => [node, byInquiry(leaves, releaseOf(node))]),
  );
  const stops = new Map(ledgers['consumer']?.leaves.map(({ digest, idx }) => [digest, idx]));
  for (const { acks, inquiries, status, until, what } of races) {
    const own = status === undefined ? undefined : stops.get(status);
    const limits = own === undefined ? acks : [...acks, { node: 'consumer', treeSize: own }];
    for (const { node, treeSize: limit } of limits) {
      for (const leaf of inquiries.flatMap((inquiry) => releases[node]?.get(inquiry) ?? [])) {
        const lifted = until?.[node] !== undefined && leaf.idx >= until[node];
        if (leaf.idx < limit || lifted) continue;
        found.push({ what, node, typ: releaseOf(node), index: leaf.idx, limit, digest: leaf.digest });
      }
    }
  }
  return found;
}

/** How many releases of stopped inquiries lie before the acks: what the races were about. */
export function earlyReleases(races: readonly Race[], ledgers: Readonly<Record<string, Ledger>>): number {
  const atOnce = races.map((race) => ({
    ...race,
    acks: race.acks.map(({ node }) => ({ node, treeSize: 0 })),
  }));
  return lateReleases(atOnce, ledgers).length - lateReleases(races, ledgers).length;
}

type Leaves = Ledger['leaves'];

function byInquiry(leaves: Leaves, typ: string): Map<string, Leaves> {
  const groups = new Map<string, Leaves>();
  for (const leaf of leaves) {
    if (leaf.typ !== typ || leaf.inquiry === null) continue;
    const group = groups.get(leaf.inquiry) ?? [];
    group.push(leaf);
    groups.set(leaf.inquiry, group);
  }
  return groups;
}
