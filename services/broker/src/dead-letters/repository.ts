import type { ErrorCode } from '@causeway/protocol';
import { transaction } from '@causeway/service';
import type { Death, Lane } from '@causeway/service/queue';
import { type Kysely, sql } from 'kysely';

import { freshMs } from '../inquiries/outbox.ts';
import type { BrokerTables } from '../tables.ts';

type Db = Kysely<BrokerTables>;

/** What one page shows; what is replayed or closed makes room for the next. */
const pageMax = 200;

/** Counts a failed run of an open inquiry. Returns how many there were; undefined where it is finished. */
export async function countFailure(db: Db, inquiry: string): Promise<number | undefined> {
  const row = await db
    .updateTable('inquiry_outbox')
    .set((eb) => ({ failures: eb('failures', '+', 1) }))
    .where('inquiry', '=', inquiry)
    .returning('failures')
    .executeTakeFirst();
  return row?.failures;
}

interface Parked {
  readonly reason: Death['reason'];
  readonly code: ErrorCode;
  readonly attempts: number;
  readonly nowMs: number;
  /** After the deadline it stays open for so long, in case somebody replays it. */
  readonly lateMs: number;
}

/**
 * Sets an open inquiry aside: the sweeper leaves it until the moment at which it is closed. One statement,
 * all or nothing. False where it is finished.
 */
export async function insertLetter(db: Db, inquiry: string, parked: Parked): Promise<boolean> {
  const { attempts, code, lateMs, nowMs, reason } = parked;
  const { rows } = await sql<{ inquiry: string }>`
    WITH open AS (
      UPDATE inquiry_outbox AS work
      SET next_at_ms = greatest(asked.deadline_ms + ${lateMs}::bigint, ${nowMs}::bigint)
      FROM inquiry AS asked
      WHERE work.inquiry = ${inquiry} AND asked.inquiry = work.inquiry
      RETURNING work.inquiry
    )
    INSERT INTO dead_letter (inquiry, reason, code, attempts, parked_ms)
    SELECT inquiry, ${reason}::text, ${code}::text, ${attempts}::int, ${nowMs}::bigint FROM open
    ON CONFLICT (inquiry) DO UPDATE SET reason = excluded.reason, code = excluded.code,
      attempts = dead_letter.attempts + excluded.attempts, parked_ms = excluded.parked_ms, replayed_ms = NULL
    RETURNING inquiry
  `.execute(db);
  return rows.length === 1;
}

/** What is parked, oldest first. */
export async function parkedLetters(db: Db) {
  return await db
    .selectFrom('dead_letter')
    .innerJoin('inquiry', 'inquiry.inquiry', 'dead_letter.inquiry')
    .innerJoin('inquiry_outbox', 'inquiry_outbox.inquiry', 'dead_letter.inquiry')
    .where('replayed_ms', 'is', null)
    .select(['dead_letter.inquiry', 'id', 'lender', 'lane', 'reason', 'dead_letter.code'])
    .select(['dead_letter.attempts', 'parked_ms', 'deadline_ms', 'inquiry_outbox.next_at_ms as closes_ms'])
    .orderBy('parked_ms')
    .limit(pageMax)
    .execute();
}

/**
 * Takes a parked inquiry up again, with a clean count: in one transaction its letter is no longer parked and
 * its work is due. Returns its lane; or that it is not parked, or over; or that there is no such letter.
 */
export async function takeUpAgain(db: Db, inquiry: string, nowMs: number): Promise<Lane | 'over' | 'none'> {
  return await transaction(db, async (trx) => {
    const letter = await trx
      .selectFrom('dead_letter')
      .where('inquiry', '=', inquiry)
      .select('replayed_ms')
      .forUpdate()
      .executeTakeFirst();
    if (letter === undefined) return 'none';
    if (letter.replayed_ms !== null) return 'over';
    const work = await trx
      .updateTable('inquiry_outbox')
      .set({ failures: 0, next_at_ms: nowMs + freshMs })
      .where('inquiry', '=', inquiry)
      .returning('lane')
      .executeTakeFirst();
    if (work === undefined) return 'over';
    await trx.updateTable('dead_letter').set({ replayed_ms: nowMs }).where('inquiry', '=', inquiry).execute();
    return work.lane;
  });
}
