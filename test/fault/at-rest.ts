import type { Federation } from '@causeway/sandbox/federation';
import type { Agreed } from '@causeway/sandbox/story/consented-inquiry';
import { queryDatabase } from '../e2e/rows.ts';
import { type Violation, violationsOf } from './invariants.ts';
import { unprovenLedgers } from './proven-ledgers.ts';
import { type Ask, snapshotOf, type Told } from './snapshot.ts';
import type { Accepted } from './stubborn-lender.ts';

/** A fault is over when its last leaf has its place and its last refusal is in the history. */
const REST_MS_MAX = 60_000;
const LOOK_MS = 500;

/** Asks the databases as their superuser. */
export const asking =
  (federation: Federation): Ask =>
  (member, text) =>
    queryDatabase(federation, member, text);

/** What breaks an invariant once nothing is under way any more, for which it waits a bounded time. */
export async function violationsAtRest(federation: Federation, told: Told): Promise<Violation[]> {
  const until = performance.now() + REST_MS_MAX;
  for (;;) {
    const rows = violationsOf(await snapshotOf(asking(federation), federation.card.bureaus, told));
    const found = rows.length > 0 ? rows : await unprovenLedgers(federation);
    if (found.length === 0 || performance.now() > until) return found;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** What a lender holds that has followed none of these to its report. */
export const accepting = (inquiries: readonly Pick<Accepted, 'inquiry'>[]): Told => ({
  accepted: inquiries.map(({ inquiry }) => inquiry.digest),
  reports: [],
  disclosures: [],
});

/** How many uses of each consent have been spent. */
export async function usesOf(federation: Federation, agreed: readonly Agreed[]): Promise<number[]> {
  const rows = await asking(federation)<{ digest: string; uses: number }>(
    'consumer',
    'SELECT digest, uses::int FROM consent',
  );
  const uses = new Map(rows.map((row) => [row.digest, row.uses]));
  return agreed.map(({ digest }) => uses.get(digest) ?? 0);
}
