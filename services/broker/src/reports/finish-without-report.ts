import type { ErrorCode, Refusal, Verified } from '@causeway/protocol';
import { transaction } from '@causeway/service';

import type { Broker } from '../broker.ts';
import type { OpenInquiry } from '../inquiries/open-inquiry.ts';
import { deleteWork } from '../inquiries/outbox.ts';
import { wakeAtEnd } from '../inquiries/wait.ts';

/** The consumer service refused: its refusal is kept for the lender and the inquiry is over. */
export async function finishRefused(
  broker: Broker,
  inquiry: OpenInquiry,
  refusal: Verified<Refusal>,
): Promise<void> {
  const box = inquiry.seal.seal('refusal', refusal.jws);
  await finish(broker, inquiry.key, ['accepted'], {
    state: 'refused',
    code: refusal.claims.code,
    refusal: box,
  });
}

/** Nobody decided: the deadline came first, or the asker lost its right to ask while the inquiry waited. */
export async function finishFailed(broker: Broker, key: string, code: ErrorCode): Promise<void> {
  await finish(broker, key, ['accepted', 'running'], { state: 'failed', code });
}

interface End {
  readonly state: 'refused' | 'failed';
  readonly code: ErrorCode;
  readonly refusal?: Buffer;
}

async function finish(
  broker: Broker,
  key: string,
  from: readonly ('accepted' | 'running')[],
  end: End,
): Promise<void> {
  const finished_ms = broker.clock.now();
  await transaction(broker.db, async (trx) => {
    const result = await trx
      .updateTable('inquiry')
      .set((eb) => ({ ...end, finished_ms, seq: eb('seq', '+', 1) }))
      .where('inquiry', '=', key)
      .where('state', 'in', from)
      .executeTakeFirst();
    if (result.numUpdatedRows === 1n) await deleteWork(trx, key);
  });
  // A crash before the commit leaves the inquiry open: the sweeper queues it and it ends the same way.
  wakeAtEnd(broker, key);
}
