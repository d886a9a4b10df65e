import type { Lane } from '@causeway/service/queue';
import type { Kysely, Transaction } from 'kysely';

import type { BrokerTables } from '../tables.ts';

/** Fresh work gets this long before the sweeper thinks that the queue has lost it. */
export const freshMs = 3000;
/** Rows that one sweep takes, and when it looks at them again: in the background much may wait in order. */
const sweeps = [
  { lanes: ['front'], againMs: 5000, rowsMax: 200 },
  { lanes: ['monitoring', 'batch'], againMs: 30_000, rowsMax: 200 },
] as const satisfies { lanes: readonly Lane[]; againMs: number; rowsMax: number }[];

/** Part of the finishing transaction. */
export async function deleteWork(trx: Transaction<BrokerTables>, inquiry: string): Promise<void> {
  await trx.deleteFrom('inquiry_outbox').where('inquiry', '=', inquiry).execute();
}

/**
 * Not finished by this run: the sweeper looks again at `atMs` if the queue does not. Returns the lane in
 * which to queue it, undefined where it is finished.
 */
export async function postponeWork(
  db: Kysely<BrokerTables>,
  inquiry: string,
  atMs: number,
): Promise<Lane | undefined> {
  const row = await db
    .updateTable('inquiry_outbox')
    .set((eb) => ({ next_at_ms: atMs, attempts: eb('attempts', '+', 1) }))
    .where('inquiry', '=', inquiry)
    .returning('lane')
    .executeTakeFirst();
  return row?.lane;
}

export interface DueWork {
  readonly inquiry: string;
  readonly lane: Lane;
  /** Given up, and to be closed now. */
  readonly parked: boolean;
}

/**
 * Takes the due rows, each by one process, and gives them another while; the caller queues them in their
 * lanes. What is due in the background never hides what is due in front.
 */
export async function takeDueWork(db: Kysely<BrokerTables>, nowMs: number): Promise<DueWork[]> {
  const taken: DueWork[] = [];
  for (const sweep of sweeps) taken.push(...(await takeDue(db, nowMs, sweep)));
  return taken;
}

async function takeDue(
  db: Kysely<BrokerTables>,
  nowMs: number,
  { againMs, lanes, rowsMax }: (typeof sweeps)[number],
): Promise<DueWork[]> {
  return await db
    .updateTable('inquiry_outbox')
    .set((eb) => ({ next_at_ms: nowMs + againMs, attempts: eb('attempts', '+', 1) }))
    .where('inquiry', 'in', (eb) =>
      eb
        .selectFrom('inquiry_outbox')
        .where('lane', 'in', lanes)
        .where('next_at_ms', '<=', nowMs)
        .select('inquiry')
        .orderBy('next_at_ms')
        .limit(rowsMax)
        .forUpdate()
        .skipLocked(),
    )
    .returning((eb) => [
      'inquiry_outbox.inquiry',
      'inquiry_outbox.lane',
      eb
        .exists(
          eb
            .selectFrom('dead_letter')
            .whereRef('dead_letter.inquiry', '=', 'inquiry_outbox.inquiry')
            .where('replayed_ms', 'is', null)
            .select('dead_letter.inquiry'),
        )
        .$castTo<boolean>()
        .as('parked'),
    ])
    .execute();
}
