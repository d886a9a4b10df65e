import { batchStopped, lockBatchShared, withHotReceipts } from '@causeway/member';
import type { LeafReceipt, StageHotLeaf, Stopped } from '@causeway/member';
import type { Digest, Signed } from '@causeway/protocol';
import type { HotStatement, HotTransaction, ItemOutcome } from '@causeway/service';

import type { Broker } from '../broker.ts';
import type { OpenInquiry } from '../inquiries/open-inquiry.ts';
import type { RowBasis } from './outcomes.ts';
import { writeReports } from './write-reports.ts';

/** A signed report about to be recorded, and the rows that it rests on. */
export interface Finish {
  readonly inquiry: OpenInquiry;
  readonly report: Signed<'report'>;
  readonly box: Buffer;
  readonly state: 'complete' | 'partial';
  readonly rows: readonly RowBasis[];
  /** The directory under which it was signed. */
  readonly under: Digest;
  /** True where a bureau may still answer late: the work is not over then. */
  readonly lateAnswers: boolean;
}

/** What came of it. `over`: the inquiry has ended another way, and nothing was written. */
export type Finished =
  | { readonly kind: 'reported'; readonly receipt: LeafReceipt }
  | { readonly kind: 'stopped'; readonly by: Stopped }
  | { readonly kind: 'over' };

const lockInquiries: HotStatement = {
  name: 'lock_inquiries',
  text: `SELECT inquiry, state FROM inquiry WHERE inquiry = ANY($1::text[]) ORDER BY inquiry FOR UPDATE`,
};

/** States from which a report may follow. */
const reportable: ReadonlySet<string | undefined> = new Set(['running', 'partial']);

/**
 * Records reports with what they rest on, in one transaction under the subjects' status locks and the
 * inquiries' row locks: a report under a stopped consent is not recorded, and one whose rows have moved is
 * not either. Its leaf is the release: from the commit on it may be delivered under the broker's own grant.
 * @throws Error where rows have moved; nothing of the batch is written then
 */
export async function finishInquiries(
  store: Pick<Broker, 'pool' | 'me' | 'clock'>,
  items: readonly Finish[],
): Promise<ItemOutcome<Finished>[]> {
  const { value, receipts } = await withHotReceipts(store.pool, async (trx, stage) => {
    const against = await reasonsAgainst(trx, items);
    const writable = items.filter((_, at) => against[at] === undefined);
    if (writable.length > 0) await record(store, trx, stage, writable);
    return against;
  });
  // A crash here leaves a report that nobody has been told of: who waits or asks again finds it.
  return items.map(({ report }, at) => {
    const reason = value[at];
    if (reason !== undefined) return { value: reason };
    const receipt = receipts.get(report.digest);
    return receipt === undefined
      ? { error: new RangeError('no leaf for a report') }
      : { value: { kind: 'reported', receipt } };
  });
}

async function reasonsAgainst(
  trx: HotTransaction,
  items: readonly Finish[],
): Promise<(Exclude<Finished, { kind: 'reported' }> | undefined)[]> {
  const asked = items.map(({ inquiry: { claims } }) => ({
    subjectRef: claims.subject_ref,
    consent: claims.consent ?? null,
  }));
  await lockBatchShared(
    trx,
    asked.map(({ subjectRef }) => subjectRef),
  );
  const keys = items.map(({ inquiry }) => inquiry.key);
  const rows = await trx.query<{ inquiry: string; state: string }>(lockInquiries, [keys]);
  const states = new Map(rows.map(({ inquiry, state }) => [inquiry, state]));
  const stops = await batchStopped(trx, asked);
  return keys.map((key, at) => {
    if (!reportable.has(states.get(key))) return { kind: 'over' };
    const by = stops[at];
    return by === undefined ? undefined : { kind: 'stopped', by };
  });
}

async function record(
  { clock, me }: Pick<Broker, 'me' | 'clock'>,
  trx: HotTransaction,
  stage: StageHotLeaf,
  items: readonly Finish[],
): Promise<void> {
  const nowMs = clock.now();
  await writeReports(trx, items, nowMs);
  for (const { inquiry, report, state } of items) {
    const { aud, use } = report.claims;
    const parties = { iss: me, aud, at_ms: nowMs, outcome: state };
    stage(inquiry.key, { typ: 'report', digest: report.digest, inquiry: inquiry.digest, use, ...parties });
  }
}
