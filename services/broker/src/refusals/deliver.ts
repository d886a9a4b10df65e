import { CausewayError } from '@causeway/protocol';
import type { Kysely } from 'kysely';
import Type from 'typebox';

import type { Broker } from '../broker.ts';
import { backoffMs } from '../fan-out/backoff.ts';
import { consumerService } from '../fan-out/redeem.ts';
import { findInquiry, openInquiry } from '../inquiries/open-inquiry.ts';
import type { BrokerTables } from '../tables.ts';

const batchMax = 50;
const timeoutMs = 5000;
const answerSchema = Type.Object({
  results: Type.Array(
    Type.Union([
      Type.Object({ error: Type.Object({ code: Type.String() }) }),
      Type.Object({ recorded: Type.Boolean() }),
    ]),
    { minItems: 1, maxItems: 1 },
  ),
});

/** Longer than the call, so that no other process sends the same refusal meanwhile. */
const leaseMs = 10_000;

/**
 * Sends due early refusals to the consumer service, so that the subject's history has them within a minute.
 * What is not taken stays and is sent again; the receiver counts each once by its digest.
 */
export async function deliverRefusals(broker: Broker): Promise<void> {
  const due = await takeDue(broker.db, broker.clock.now());
  await Promise.all(due.map(async (row) => await deliverOne(broker, row)));
}

interface Due {
  readonly inquiry: string;
  readonly attempt: number;
}

async function deliverOne(broker: Broker, { inquiry, attempt }: Due): Promise<void> {
  try {
    await send(broker, inquiry);
    await broker.db.deleteFrom('refusal_outbox').where('inquiry', '=', inquiry).execute();
    // A crash before this line leaves the row: the refusal goes out once more and counts once.
  } catch (err) {
    broker.log.warn({ event: 'refusal_not_delivered', alarm: attempt > 10, attempt, err });
    const next_at_ms = broker.clock.now() + backoffMs(attempt, broker.random);
    await broker.db
      .updateTable('refusal_outbox')
      .set({ next_at_ms })
      .where('inquiry', '=', inquiry)
      .execute();
  }
}

async function send(broker: Broker, key: string): Promise<void> {
  const row = await findInquiry(broker.db, key);
  if (row === undefined || row.refusal === null)
    throw new CausewayError('internal', { internal: 'no refusal' });
  const { seal, statement } = await openInquiry(broker, row);
  const answer = await broker.federation.call({
    member: consumerService(broker),
    method: 'POST',
    path: '/v1/refusals',
    body: { refusals: [{ refusal: seal.open('refusal', row.refusal), inquiry: statement.jws }] },
    schema: answerSchema,
    timeoutMs,
  });
  const result = answer.results[0];
  if (result === undefined || 'error' in result) {
    throw new CausewayError('unavailable', {
      internal: `not recorded: ${result?.error.code ?? 'no result'}`,
    });
  }
}

async function takeDue(db: Kysely<BrokerTables>, nowMs: number): Promise<Due[]> {
  return await db
    .updateTable('refusal_outbox')
    .set((eb) => ({ next_at_ms: nowMs + leaseMs, attempt: eb('attempt', '+', 1) }))
    .where('inquiry', 'in', (eb) =>
      eb
        .selectFrom('refusal_outbox')
        .where('next_at_ms', '<=', nowMs)
        .select('inquiry')
        .orderBy('next_at_ms')
        .limit(batchMax)
        .forUpdate()
        .skipLocked(),
    )
    .returning(['inquiry', 'attempt'])
    .execute();
}
