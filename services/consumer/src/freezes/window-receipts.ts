import type { StageLeaf } from '@causeway/member';
import type { Transaction } from 'kysely';
import type { Consumer } from '../consumer.ts';
import { signStatus, stageStatus } from '../stops/record-stop.ts';
import { insertStop, nextSequence } from '../stops/repository.ts';
import type { ConsumerTables, WindowRow } from '../tables.ts';

/** What is done to a window, and its end: planned, or what it has come to. */
interface WindowChange {
  readonly action: 'open' | 'close';
  readonly window: Pick<WindowRow, 'id' | 'lender' | 'sequence'>;
  readonly untilMs: number;
}

/**
 * Records the receipt of a window that is opened, or closed before its time: the signed status with its leaf,
 * under the subject's next number, in the transaction of the change and under the exclusive locks of all
 * references. It is addressed to this service alone: at nodes the freeze stands as before, and grants say by
 * themselves that they are given despite it. A window that ends by itself ends as its receipt says.
 */
export async function recordWindow(
  consumer: Consumer,
  trx: Transaction<ConsumerTables>,
  stage: StageLeaf,
  refs: readonly string[],
  { action, untilMs, window: { id, lender, sequence: freeze } }: WindowChange,
): Promise<void> {
  const sequence = await nextSequence(trx, refs);
  const opening = { lender, despite_freeze: freeze, until: Math.ceil(untilMs / 1000) };
  const signed = signStatus(consumer, {
    ...{ action, sequence, subject_refs: [...refs], opening, aud: [consumer.key.member] },
  });
  const row = {
    ...{ subject_ref: refs[0] ?? '', sequence, digest: signed.digest, action, statement: signed.jws },
    ...{ consent: null, freeze_id: null, window_id: id, mandate: null, restricts: false },
    at_ms: consumer.clock.now(),
  };
  await insertStop(trx, row, []);
  await stageStatus(consumer, stage, signed);
}
