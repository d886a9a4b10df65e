import type { ErrorCode, Refusal, Verified } from '@causeway/protocol';
import { transaction } from '@causeway/service';
import { sql } from 'kysely';

import type { Broker } from '../broker.ts';
import type { OpenInquiry } from '../inquiries/open-inquiry.ts';
import { deleteWork } from '../inquiries/outbox.ts';
import { openStates } from '../fan-out/repository.ts';
import type { BureauState } from '../tables.ts';
import { wakeAtEnd } from '../inquiries/wait.ts';

/** The consumer service refused: its refusal is kept for the lender and the inquiry is over. */
export async function finishRefused(
  broker: Broker,
  inquiry: OpenInquiry,
  refusal: Verified<Refusal>,
): Promise<void> {
  const box = inquiry.seal.seal('refusal', refusal.jws);
  await finish(broker, inquiry.key, ['accepted', 'running'], {
    state: 'refused',
    code: refusal.claims.code,
    refusal: box,
  });
}

/** Nobody decided: the deadline came first, or the asker lost its right to ask while the inquiry waited. */
export async function finishFailed(broker: Broker, key: string, code: ErrorCode): Promise<void> {
  await finish(broker, key, ['accepted', 'running'], { state: 'failed', code });
}

/** No late answer counts any more: what is still open is missing for good, and the work is over. */
export async function closeLate(broker: Broker, { key }: OpenInquiry): Promise<void> {
  const nowMs = broker.clock.now();
  await transaction(broker.db, async (trx) => {
    await trx
      .updateTable('inquiry_bureau')
      .set((eb) => ({
        state: sql<BureauState>`CASE WHEN code IS NULL THEN 'timeout' ELSE 'error' END`,
        attempt: eb('attempt', '+', 1),
        next_at_ms: nowMs,
      }))
      .where('inquiry', '=', key)
      .where('state', 'in', openStates)
      .execute();
    await deleteWork(trx, key);
  });
  // A crash before the commit leaves the rows open: the sweeper comes again and closes them.
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
