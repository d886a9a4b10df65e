import { batchStatus, lockBatchShared, withHotReceipts } from '@causeway/member';
import type { LeafReceipt, StageHotLeaf } from '@causeway/member';
import type { Digest, ErrorCode, Signed } from '@causeway/protocol';
import type { HotStatement, HotTransaction, ItemOutcome } from '@causeway/service';

import type { Broker } from '../broker.ts';
import type { OpenInquiry } from '../inquiries/open-inquiry.ts';
import type { RowBasis } from './outcomes.ts';
import { askerCode, type OwnLeave, releaseLocks, stopCode } from './stopped.ts';
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
  /** What the broker's own grant says of a freeze, where it is at hand. */
  readonly own: OwnLeave | undefined;
}

/** What came of it. `over`: the inquiry has ended another way, and nothing was written. */
export type Finished =
  | { readonly kind: 'reported'; readonly receipt: LeafReceipt }
  | { readonly kind: 'stopped'; readonly by: ErrorCode }
  | { readonly kind: 'over' };

const lockInquiries: HotStatement = {
  name: 'lock_inquiries',
  text: `SELECT inquiry, state FROM inquiry WHERE inquiry = ANY($1::text[]) ORDER BY inquiry FOR UPDATE`,
};

/** States from which a report may follow. */
const reportable: ReadonlySet<string | undefined> = new Set(['running', 'partial']);

/**
 * Records reports with what they rest on, in one transaction under the subjects' status locks and the
 * inquiries' row locks: what a stop forbids is not recorded, and a report whose rows have moved is not
 * either. Its leaf is the release: from the commit on it may be delivered under the broker's own grant.
 * @throws Error where rows have moved, CausewayError not_ready where another process has adopted a newer
 * directory; nothing of the batch is written then
 */
export async function finishInquiries(
  store: Pick<Broker, 'pool' | 'me' | 'clock' | 'directory'>,
  items: readonly Finish[],
): Promise<ItemOutcome<Finished>[]> {
  const { value, receipts } = await withHotReceipts(store.pool, async (trx, stage) => {
    const against = await reasonsAgainst(store, trx, items);
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
  { directory }: Pick<Broker, 'directory'>,
  trx: HotTransaction,
  items: readonly Finish[],
): Promise<(Exclude<Finished, { kind: 'reported' }> | undefined)[]> {
  const view = directory.view();
  const inquiries = items.map(({ inquiry: { claims } }) => claims);
  await lockBatchShared(trx, inquiries.flatMap(releaseLocks));
  const keys = items.map(({ inquiry }) => inquiry.key);
  const rows = await trx.query<{ inquiry: string; state: string }>(lockInquiries, [keys]);
  const states = new Map(rows.map(({ inquiry, state }) => [inquiry, state]));
  const asked = inquiries.map(({ consent = null, subject_ref }) => ({ subjectRef: subject_ref, consent }));
  const { directoryVersion, sequences, stopped } = await batchStatus(trx, asked);
  return items.map(({ inquiry: { claims, key }, own }, at) => {
    const [state, sequence] = [stopped[at], sequences[at]];
    const stop = state === undefined || sequence === undefined ? undefined : { state, sequence };
    if (!reportable.has(states.get(key))) return { kind: 'over' };
    const by = askerCode(view, claims, directoryVersion) ?? stopCode(view, claims, stop, own);
    return by && { kind: 'stopped', by };
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
