import { assert } from '@causeway/kernel';
import { openingCategories } from '@causeway/records/projection';
import { GroupCommit, isStoreAway } from '@causeway/service';

import type { Bureau } from '../bureau.ts';
import { askNative } from '../sources/ask-native.ts';
import type { NativeSource, SourceAnswer } from '../sources/source.ts';
import { steadyRecords } from '../sources/steady-ids.ts';
import { answerBatch, type Asked, type Step } from './answer-batch.ts';
import type { Outcome } from './release.ts';
import type { Presented } from './verify-item.ts';

/** Answers of all calls under way, in shared transactions. */
export type Answers = GroupCommit<Asked, Step>;

export function answersOf(bureau: Omit<Bureau, 'answers'>): Answers {
  return new GroupCommit({
    run: async (items) => await answerBatch(bureau, items),
    keyOf: ({ item: { grant, inquiry } }) => `${inquiry.digest} ${grant.claims.use}`,
    ...{ itemsMax: 16, waitingMax: 1000, lanes: 2, isCommon: isStoreAway },
  });
}

/**
 * Answers one inquiry at most once. Hosted records: reservation, reading and leaf are one transaction. A
 * native system is asked between two, so that its slowness holds no lock; the second one decides again
 * under the lock.
 */
export async function disclose(bureau: Bureau, item: Presented): Promise<Outcome> {
  const { answers, source } = bureau;
  if (source.kind === 'hosted') return outcomeOf(await answers.submit({ item, from: 'store' }));
  const first = await answers.submit({ item, from: 'nowhere' });
  if (first.kind !== 'reserved') return outcomeOf(first);
  // A crash here leaves the reservation: a retry under the same key takes it up and asks the source again.
  await bureau.faults.at('answer-reserved');
  const found = await ask(bureau, source, item);
  return outcomeOf(await answers.submit({ item, from: found }));
}

/** What the native system holds on the subject of an inquiry, as texts under ids that stay. */
async function ask(bureau: Bureau, source: NativeSource, item: Presented): Promise<SourceAnswer> {
  const { purpose, subject_ref } = item.inquiry.claims;
  const found = await askNative(bureau, source, subject_ref, {
    ...{ categories: item.grant.claims.categories, purpose, inquiry: item.inquiry.digest },
    timeoutMs: remainingMs(bureau, item),
  });
  if (found === undefined) return { known: false, records: [] };
  const texts = steadyRecords(found.records, source, subject_ref).map((record) => ({
    text: JSON.stringify(record),
    as_of: record.as_of,
    openedBy: openingCategories(record),
  }));
  return { known: found.known, records: texts };
}

const remainingMs = ({ clock }: Bureau, { grant }: Presented): number =>
  Math.max(1, grant.claims.exp * 1000 - clock.now());

function outcomeOf(step: Step): Outcome {
  assert(step.kind !== 'reserved', 'an answer follows its reservation');
  if (step.kind === 'refused') return { refusal: step.refusal, code: step.code };
  return { permit: step.permit, stored: step.stored, receipt: step.receipt };
}
