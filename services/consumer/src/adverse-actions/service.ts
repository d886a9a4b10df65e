import { uuidv7 } from '@causeway/kernel';
import { CausewayError, sha256Digest, type Digest } from '@causeway/protocol';
import { answerOnce } from '../consent-requests/idempotency.ts';
import type { Consumer } from '../consumer.ts';
import { checkedBy, wasWritten } from './check-report.ts';
import { actionsOf, insertAction, wasGranted } from './repository.ts';

/** What a lender says. */
interface Reported {
  readonly subject_ref: string;
  readonly inquiry: Digest;
  readonly report: Digest;
  readonly decision: string;
  readonly factors: string[];
}

/** A broker that could not be asked is asked again. */
const againMs = 5000;

/**
 * Records what a lender decided, for the subject to read. Throws `not_found` unless the inquiry is this
 * lender's own and was granted about this subject; whose else it may be, or whether there is one, is not
 * told. The broker's ledger is asked whether it has written this report for this lender and inquiry: what it
 * denies is `link_mismatch`; where it cannot be asked now, the decision is the lender's word until it can.
 * Throws `conflict` where it has told of a decision on this report before.
 */
export async function reportAction(
  consumer: Consumer,
  { key, lender }: { lender: string; key: string },
  said: Reported,
): Promise<unknown> {
  const { clock, db, random } = consumer;
  const nowMs = clock.now();
  if (!(await wasGranted(db, { lender, subjectRef: said.subject_ref, inquiry: said.inquiry })))
    throw new CausewayError('not_found');
  const written = await wasWritten(consumer, { ...said, lender });
  if (written === false) {
    const detail = 'No such report was written for this inquiry and this lender.';
    throw new CausewayError('link_mismatch', { detail, pointer: '/report' });
  }
  const row = {
    ...{ ...said, id: uuidv7(clock, random), lender, at_ms: nowMs },
    checked: written === undefined ? ('unconfirmed' as const) : checkedBy(written),
    next_ms: written === undefined ? nowMs + againMs : null,
  };
  const requestDigest = sha256Digest(
    JSON.stringify(Object.entries(said).toSorted(([a], [b]) => (a < b ? -1 : 1))),
  );
  const answer = { id: row.id, at: new Date(nowMs).toISOString() };
  return await answerOnce(
    db,
    { lender, key, requestDigest, nowMs },
    {
      answer,
      effect: async (trx) => {
        if (await insertAction(trx, row)) return;
        throw new CausewayError('conflict', { detail: 'A decision on this report was told before.' });
      },
    },
  );
}

const pageMax = 50;

/** What lenders have told a subject, newest first. */
export async function listActions(consumer: Consumer, refs: readonly string[], cursor: string | undefined) {
  const rows = await actionsOf(consumer.db, refs, {
    ...{ before: cursor, limit: pageMax + 1, nowMs: consumer.clock.now() },
  });
  const page = rows.slice(0, pageMax);
  const last = rows.length > pageMax ? page.at(-1) : undefined;
  return {
    items: page.map(({ at_ms, checked, decision, factors, id, inquiry, lender, report }) => ({
      ...{ id, lender, decision, factors, inquiry, report, report_checked: checked },
      at: new Date(at_ms).toISOString(),
    })),
    ...(last ? { next: last.id } : {}),
  };
}
