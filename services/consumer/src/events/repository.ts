import { transaction } from '@causeway/service';
import { type Kysely, sql } from 'kysely';
import type { ConsumerTables } from '../tables.ts';

type Db = Kysely<ConsumerTables>;

/** A place in the events of a database: the transaction (xid8, as text) and the number within. */
export interface EventPosition {
  readonly xact: string;
  readonly seq: number;
}

/** What happened, thinly: which thing of the subject's is now in which state. */
export interface SubjectEvent extends EventPosition {
  readonly type: string;
  readonly state: string;
  readonly object: string;
}

/** Behind all that is complete now: what comes to light later lies behind it. */
export async function presentPosition(db: Db): Promise<EventPosition> {
  const { rows } = await sql<{ xact: string }>`
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xact`.execute(db);
  return { xact: rows[0]?.xact ?? '0', seq: -1 };
}

/**
 * The events of the subject with these references behind a position, in their order. What a transaction
 * under way might still precede is left for the next look, so that no event is ever passed over.
 */
export async function eventsAfter(
  db: Db,
  refs: readonly string[],
  { seq, xact }: EventPosition,
  most: number,
): Promise<SubjectEvent[]> {
  const { rows } = await sql<SubjectEvent>`
    SELECT xact::text AS xact, seq, type, state, object FROM subject_event
    WHERE subject_ref = ANY (${[...refs]}::text[]) AND (xact, seq) > (${xact}::text::xid8, ${seq}::bigint)
      AND xact < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY subject_event.xact, subject_event.seq LIMIT ${most}`.execute(db);
  return rows;
}

/** By the database's own clock, as they were written. */
export async function forgetEvents(db: Db): Promise<void> {
  await sql`DELETE FROM subject_event WHERE at < now() - interval '7 days'`.execute(db);
}

interface Follower {
  readonly refs: readonly string[];
  readonly id: string;
  readonly untilMs: number;
}

/** Lets one more follow the subject; false where as many as may do already, in all processes together. */
export async function enterFollower(db: Db, who: Follower, nowMs: number, most: number): Promise<boolean> {
  const { id, refs, untilMs } = who;
  return await transaction(db, async (trx) => {
    await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`follow:${refs[0]}`}, 0))`.execute(trx);
    const row = await trx
      .selectFrom('follower')
      .select(({ fn }) => fn.count('id').distinct().as('now'))
      .where('subject_ref', 'in', refs)
      .where('until_ms', '>', nowMs)
      .executeTakeFirst();
    if (Number(row?.now ?? 0) >= most) return false;
    // A crash after the commit leaves a row that ends by its time.
    const rows = refs.map((subject_ref) => ({ subject_ref, id, until_ms: untilMs }));
    await trx.insertInto('follower').values(rows).execute();
    return true;
  });
}

export async function stayFollower(db: Db, { id, refs, untilMs }: Follower): Promise<void> {
  await db
    .updateTable('follower')
    .set({ until_ms: untilMs })
    .where('subject_ref', 'in', refs)
    .where('id', '=', id)
    .execute();
}

export async function leaveFollower(db: Db, refs: readonly string[], id: string): Promise<void> {
  await db.deleteFrom('follower').where('subject_ref', 'in', refs).where('id', '=', id).execute();
}

export async function forgetFollowers(db: Db, nowMs: number): Promise<void> {
  await db.deleteFrom('follower').where('until_ms', '<=', nowMs).execute();
}
