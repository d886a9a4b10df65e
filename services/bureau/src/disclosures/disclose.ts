import { assert } from '@causeway/kernel';
import type { Permit } from '@causeway/gate';
import { withReceipts } from '@causeway/member';
import type { LeafReceipt } from '@causeway/member';

import type { Bureau } from '../bureau.ts';
import type { BureauTables } from '../tables.ts';
import { answer } from './answer.ts';
import type { Read, Step } from './answer.ts';
import type { StoredDisclosure } from './release.ts';
import type { Presented } from './verify-item.ts';

/** What is ready to go: a disclosure only with its permit and receipt, which `release` asks for. */
export type Outcome =
  | { readonly permit: Permit; readonly receipt: LeafReceipt; readonly stored: StoredDisclosure }
  | { readonly refusal: string; readonly code: string };

/**
 * Answers one inquiry at most once. Hosted records: reservation, reading and leaf are one transaction. A
 * native system is asked between two, so that its slowness holds no lock; the second one decides again
 * under the lock.
 */
export async function disclose(bureau: Bureau, item: Presented): Promise<Outcome> {
  const { source } = bureau;
  const subjectRef = item.inquiry.claims.subject_ref;
  if (source.kind === 'hosted') return await attempt(bureau, item, (trx) => source.read(trx, subjectRef));
  const first = await step(bureau, item, () => undefined);
  if (first.came.kind !== 'reserved') return outcomeOf(first);
  // A crash here leaves the reservation: a retry under the same key takes it up and asks the source again.
  const found = await source.read(subjectRef, AbortSignal.timeout(remainingMs(bureau, item)));
  return await attempt(bureau, item, async () => found);
}

const remainingMs = ({ clock }: Bureau, { grant }: Presented): number =>
  Math.max(1, grant.claims.exp * 1000 - clock.now());

async function attempt(bureau: Bureau, item: Presented, read: Read): Promise<Outcome> {
  return outcomeOf(await step(bureau, item, read));
}

interface Stepped {
  readonly came: Step;
  readonly receipt: LeafReceipt | undefined;
}

async function step(bureau: Bureau, item: Presented, read: Read): Promise<Stepped> {
  const { value, receipts } = await withReceipts<BureauTables, Step>(bureau.db, async (trx, stage) =>
    answer({ bureau, item, trx, stage }, read),
  );
  // A crash here leaves the answer and its leaf: a retry with a renewed grant gets the stored bytes.
  await bureau.faults.at('disclosure-committed');
  return { came: value, receipt: receipts[0] };
}

function outcomeOf({ came, receipt }: Stepped): Outcome {
  if (came.kind === 'refused') return { refusal: came.refusal, code: came.code };
  assert(came.kind === 'disclosed' && receipt !== undefined, 'no leaf, no data');
  return { permit: came.permit, stored: came.stored, receipt };
}
