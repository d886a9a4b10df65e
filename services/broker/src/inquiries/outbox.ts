import type { Kysely, Transaction } from 'kysely';

import type { BrokerTables } from '../tables.ts';

/** Fresh work gets this long before the sweeper thinks that the queue has lost it. */
export const freshMs = 3000;
const againMs = 5000;
const sweepMax = 200;

/** Part of the finishing transaction. */
export async function deleteWork(trx: Transaction<BrokerTables>, inquiry: string): Promise<void> {
  await trx.deleteFrom('inquiry_outbox').where('inquiry', '=', inquiry).execute();
}

/** Not finished by this run: the sweeper looks again at `atMs` if the queue does not. */
export async function postponeWork(db: Kysely<BrokerTables>, inquiry: string, atMs: number): Promise<void> {
  await db
    .updateTable('inquiry_outbox')
    .set((eb) => ({ next_at_ms: atMs, attempts: eb('attempts', '+', 1) }))
    .where('inquiry', '=', inquiry)
    .execute();
}

/** Takes the due rows, each by one process, and gives them another while; the caller queues them. */
export async function takeDueWork(db: Kysely<BrokerTables>, nowMs: number): Promise<string[]> {
  const rows = await db
    .updateTable('inquiry_outbox')
    .set((eb) => ({ next_at_ms: nowMs + againMs, attempts: eb('attempts', '+', 1) }))
    .where('inquiry', 'in', (eb) =>
      eb
        .selectFrom('inquiry_outbox')
        .where('next_at_ms', '<=', nowMs)
        .select('inquiry')
        .orderBy('next_at_ms')
        .limit(sweepMax)
        .forUpdate()
        .skipLocked(),
    )
    .returning('inquiry')
    .execute();
  return rows.map((row) => row.inquiry);
}
