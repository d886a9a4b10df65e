import { lockBatchExclusive, lockBatchShared, memberKey, withHotReceipts } from '@causeway/member';
import type { DirectoryView } from '@causeway/protocol';
import type { HotTransaction, ItemOutcome } from '@causeway/service';
import type { Consumer } from '../consumer.ts';
import { under, type Asked } from './asked.ts';
import { decideItem, type Decided } from './decide.ts';
import { consentName, lockCitedConsents, readBatchFacts } from './facts.ts';
import { readPeriodUses } from './period-uses.ts';
import { Plan, writePlan } from './plan.ts';
import type { Redeeming } from './redeeming.ts';

/** Another process of this node goes by a newer directory than this one: nothing was decided. */
export class DirectoryBehind extends Error {
  readonly version: number;

  constructor(version: number) {
    super('another process has adopted a newer directory');
    this.version = version;
  }
}

/** Another process recorded one of the refusals at the same moment: nothing was written. */
export class Raced extends Error {}

/**
 * Redeems many inquiries in one transaction: under the status locks of their subjects and of the members
 * that ask, and under the row locks of their consents, it reads what is known of all, decides and signs in
 * memory, and writes all of it, with the leaves, in two statements. An item about which no decision is due
 * has its own error and writes nothing. Throws DirectoryBehind, Raced and what the database throws; then
 * nothing is written.
 */
export async function redeemBatch(
  consumer: Consumer,
  items: readonly Asked[],
): Promise<ItemOutcome<Decided>[]> {
  const view = consumer.directory();
  const outcomes = new Map<number, ItemOutcome<Decided>>();
  const read = items.map((item, at) => attempted(outcomes, at, () => under(consumer, item, view)));
  const places = inLockOrder(items).filter((at) => read[at] !== undefined);
  const batch = places.flatMap((at) => read[at] ?? []);
  if (batch.length === 0) return inOrder(items, outcomes);
  // Before the transaction: whoever waits for a key holds no lock and no connection meanwhile.
  const keys = await consumer.subjectKeys.all(batch.map(({ inquiry }) => inquiry.claims.subject_ref));
  await withHotReceipts(consumer.pool, async (trx, stage) => {
    const decided = await decideBatch(trx, { ...consumer, keys }, batch, view);
    decided.outcomes.forEach((outcome, n) => outcomes.set(places[n] ?? n, outcome));
    for (const { opening, partitionKey } of decided.plan.leaves) stage(partitionKey, opening);
    await consumer.faults.at('grants-decided');
  });
  await consumer.faults.at('grants-committed');
  // A crash here leaves spent uses, leaves and lines of history without an answer: the broker comes again
  // with the same inquiries, and gets renewed grants under the same uses, or the recorded refusals.
  return inOrder(items, outcomes);
}

async function decideBatch(
  trx: HotTransaction,
  consumer: Redeeming,
  batch: readonly Asked[],
  view: DirectoryView,
): Promise<{ outcomes: ItemOutcome<Decided>[]; plan: Plan }> {
  const claims = batch.map(({ inquiry }) => inquiry.claims);
  await lockBatchShared(trx, [
    ...claims.map(({ subject_ref }) => subject_ref),
    ...claims.map(({ iss }) => memberKey(iss)),
  ]);
  const cited = claims.flatMap(({ basis, subject_ref }) =>
    basis === undefined ? [] : consentName(subject_ref, basis.cited),
  );
  if (cited.length > 0) await lockBatchExclusive(trx, cited);
  const consents = await lockCitedConsents(trx, consumer, batch);
  const known = await readBatchFacts(trx, consumer, batch);
  const inPeriod = await readPeriodUses(trx, consumer, batch, consents);
  if (known.directoryVersion > view.version) throw new DirectoryBehind(known.directoryVersion);
  const plan = new Plan();
  const outcomes = batch.map((asked, at): ItemOutcome<Decided> => {
    const facts = known.items[at];
    if (facts === undefined) return { error: new RangeError('no facts') };
    const { consent: digest, subject_ref } = asked.inquiry.claims;
    const consent = digest === undefined ? undefined : consents.get(consentName(subject_ref, digest));
    return outcomeOf(() => decideItem(consumer, { asked, view, consent, facts, inPeriod, plan }));
  });
  if (!plan.empty && !(await writePlan(trx, plan))) throw new Raced();
  return { outcomes, plan };
}

function outcomeOf<T>(work: () => T): ItemOutcome<T> {
  try {
    return { value: work() };
  } catch (error) {
    return { error };
  }
}

function attempted<T>(outcomes: Map<number, ItemOutcome<Decided>>, at: number, work: () => T): T | undefined {
  const came = outcomeOf(work);
  if ('value' in came) return came.value;
  outcomes.set(at, came);
  return undefined;
}

/** Rows are written in one order by every process, so that two never wait for each other in a ring. */
function inLockOrder(items: readonly Asked[]): number[] {
  const name = (at: number): string => {
    const inquiry = items[at]?.inquiry;
    return `${inquiry?.claims.subject_ref} ${inquiry?.digest}`;
  };
  return [...items.keys()].toSorted((a, b) => (name(a) < name(b) ? -1 : 1));
}

function inOrder(
  items: readonly Asked[],
  outcomes: ReadonlyMap<number, ItemOutcome<Decided>>,
): ItemOutcome<Decided>[] {
  return items.map((_, at) => outcomes.get(at) ?? { error: new RangeError('an item was not decided') });
}
