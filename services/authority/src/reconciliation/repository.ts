import { transaction } from '@causeway/service/database';
import { type Kysely, type Transaction, sql } from 'kysely';
import type { AuthorityTables } from '../tables.ts';
import type { Held } from './ledger-check.ts';
import type { Finding, Leg } from './pairing.ts';

type Db = Kysely<AuthorityTables>;
type Trx = Transaction<AuthorityTables>;
export type Position = AuthorityTables['ledger_position'];

/** How far a member's ledger has been read; from its beginning where it has not. */
export async function positionOf(db: Db, member: string): Promise<Position> {
  const row = await db
    .selectFrom('ledger_position')
    .selectAll()
    .where('member', '=', member)
    .executeTakeFirst();
  if (row !== undefined) return row;
  const first = { member, next: 0, size: 0, again: 0, read_at_ms: null, read_through_ms: null };
  await db
    .insertInto('ledger_position')
    .values(first)
    .onConflict((row_) => row_.doNothing())
    .execute();
  return first;
}

export async function allPositions(db: Db): Promise<Position[]> {
  return await db.selectFrom('ledger_position').selectAll().orderBy('member').execute();
}

/** What was read before of a range of indexes. */
export async function heldLeaves(
  db: Db,
  member: string,
  { from, to }: { from: number; to: number },
): Promise<ReadonlyMap<number, Held>> {
  const { rows } = await sql<Held>`
    SELECT idx, digest, typ, inquiry, use, iss, aud, at_ms FROM opening
    WHERE member = ${member} AND idx >= ${from} AND idx < ${to} ORDER BY idx
  `.execute(db);
  return new Map(rows.map((row) => [row.idx, row]));
}

/** What one page comes to. */
interface PageRead {
  readonly was: Position;
  readonly now: Position;
  readonly fresh: readonly Held[];
  readonly findings: readonly Finding[];
  readonly seenMs: number;
  /**
   * How long after its last leg was seen an inquiry is judged: its legs come from several ledgers within a
   * second or two, and judging it with each of them would cost more than reading them.
   */
  readonly gatheringMs: number;
}

/**
 * Stores a page: its leaves, the inquiries that are to be judged anew, what is wrong, and the position, which
 * only the one who read it before may move. Returns what was not found before.
 * @throws RangeError where another replica has moved it meanwhile: nothing is stored
 */
export async function storePage(
  db: Db,
  { findings, fresh, now, was, ...times }: PageRead,
): Promise<Finding[]> {
  return await transaction(db, async (trx) => {
    const { member, ...rest } = now;
    const moved = await trx
      .updateTable('ledger_position')
      .set(rest)
      .where('member', '=', member)
      .where('next', '=', was.next)
      .executeTakeFirst();
    if (moved.numUpdatedRows !== 1n) throw new RangeError('another replica has read on');
    if (fresh.length > 0) await insertOpenings(trx, member, fresh, times);
    return await insertAlarms(trx, findings, times.seenMs);
  });
}

async function insertOpenings(
  trx: Trx,
  member: string,
  fresh: readonly Held[],
  { gatheringMs, seenMs }: Pick<PageRead, 'gatheringMs' | 'seenMs'>,
): Promise<void> {
  await sql`
    WITH stored AS (
      INSERT INTO opening (member, idx, digest, typ, inquiry, use, iss, aud, at_ms, seen_ms)
      SELECT ${member}, idx, digest, typ, inquiry, use, iss, aud, at_ms, ${seenMs}
      FROM jsonb_to_recordset(${JSON.stringify(fresh)}::jsonb) AS fresh
        (idx bigint, digest text, typ text, inquiry text, use bigint, iss text, aud text, at_ms bigint)
      RETURNING inquiry
    )
    INSERT INTO reconciled (inquiry, due_ms)
    SELECT DISTINCT inquiry, ${seenMs + gatheringMs}::bigint FROM stored
    WHERE inquiry IS NOT NULL ORDER BY inquiry
    ON CONFLICT (inquiry) DO UPDATE SET due_ms = excluded.due_ms, version = reconciled.version + 1
  `.execute(trx);
}

async function insertAlarms(trx: Trx, findings: readonly Finding[], atMs: number): Promise<Finding[]> {
  if (findings.length === 0) return [];
  const { rows } = await sql<Finding>`
    INSERT INTO reconciliation_alarm (kind, member, idx, inquiry, use, at_ms)
    SELECT kind, member, index, inquiry, use, ${atMs}
    FROM jsonb_to_recordset(${JSON.stringify(findings)}::jsonb) AS found
      (kind text, member text, index bigint, inquiry text, use bigint)
    ON CONFLICT DO NOTHING
    RETURNING kind, member, idx AS index, inquiry, use
  `.execute(trx);
  return rows;
}

/** An inquiry to be judged, and how often legs of it have come so far. */
interface Due {
  readonly inquiry: string;
  readonly version: number;
}

/** Inquiries to be judged by now, the longest due first. */
export async function dueInquiries(db: Db, nowMs: number, limit: number): Promise<Due[]> {
  return await db
    .selectFrom('reconciled')
    .select(['inquiry', 'version'])
    .where('due_ms', '<=', nowMs)
    .orderBy('due_ms')
    .limit(limit)
    .execute();
}

/** All legs of these inquiries, by inquiry. */
export async function legsOf(db: Db, inquiries: readonly string[]): Promise<Map<string, Leg[]>> {
  const { rows } = await sql<Leg>`
    SELECT member, idx AS index, typ, digest, inquiry, use, iss, aud, seen_ms AS "seenMs" FROM opening
    WHERE inquiry = ANY(${[...inquiries]}) ORDER BY member, idx
  `.execute(db);
  return Map.groupBy(rows, ({ inquiry }) => inquiry);
}

/** What the judgement of an inquiry is stored as. */
export interface Judged extends Due {
  readonly paired: number;
  /** When it is judged again; null where nothing is waited for. */
  readonly dueMs: number | null;
}

/** What a judgement says that was not known before. */
interface Told {
  readonly found: readonly Finding[];
  /** Alarms about something missing that has come. */
  readonly closed: readonly Finding[];
}

/** Stores judgements; an inquiry of which further legs have come meanwhile stays due. */
export async function storeJudgements(
  db: Db,
  judged: readonly Judged[],
  { findings, nowMs }: { findings: readonly Finding[]; nowMs: number },
): Promise<Told> {
  return await transaction(db, async (trx) => {
    await sql`
      WITH judged AS (
        SELECT * FROM jsonb_to_recordset(${JSON.stringify(judged)}::jsonb) AS judged
          (inquiry text, version bigint, paired bigint, "dueMs" bigint)
      ), before AS (
        SELECT inquiry, reconciled.paired FROM reconciled JOIN judged USING (inquiry)
        ORDER BY inquiry FOR UPDATE OF reconciled
      ), now AS (
        UPDATE reconciled SET paired = judged.paired,
          due_ms = CASE reconciled.version WHEN judged.version THEN judged."dueMs" ELSE reconciled.due_ms END
        FROM judged WHERE reconciled.inquiry = judged.inquiry
      )
      UPDATE reconciled_total SET paired = paired + (
        SELECT coalesce(sum(judged.paired - before.paired), 0) FROM judged JOIN before USING (inquiry)
      )
    `.execute(trx);
    const closed = await closeAlarms(trx, judged, { findings, nowMs });
    return { found: await insertAlarms(trx, findings, nowMs), closed };
  });
}

/** Of what was found missing in an inquiry: what a judgement finds no more that waits for nothing. */
async function closeAlarms(
  trx: Trx,
  judged: readonly Judged[],
  { findings, nowMs }: { findings: readonly Finding[]; nowMs: number },
): Promise<Finding[]> {
  const settled = judged.flatMap(({ dueMs, inquiry }) => (dueMs === null ? inquiry : []));
  const { rows } = await sql<Finding>`
    WITH over AS (
      SELECT id, kind, member, idx AS index, inquiry, use FROM reconciliation_alarm a
      WHERE inquiry = ANY(${settled}) AND kind LIKE '%\\_without\\_%' AND NOT EXISTS (
        SELECT FROM jsonb_to_recordset(${JSON.stringify(findings)}::jsonb) AS still
          (kind text, member text, index bigint) WHERE still.kind = a.kind AND still.member = a.member
          AND still.index = a.idx)
    ), closed AS (
      INSERT INTO reconciliation_alarm_closed (alarm, at_ms) SELECT id, ${nowMs} FROM over
      ON CONFLICT DO NOTHING RETURNING alarm
    )
    SELECT kind, member, index, inquiry, use FROM over JOIN closed ON alarm = id
  `.execute(trx);
  return rows;
}

/** Alarms, the newest first, and how much there is of everything. */
export async function readFound(db: Db, limit: number) {
  const newest = await db
    .selectFrom('reconciliation_alarm as a')
    .leftJoin('reconciliation_alarm_closed as closed', 'closed.alarm', 'a.id')
    .select(['kind', 'member', 'idx as index', 'inquiry', 'use', 'a.at_ms', 'closed.at_ms as closed_at_ms'])
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  const alarms = newest.map(({ closed_at_ms, ...alarm }) => ({
    ...alarm,
    ...(closed_at_ms !== null && { closed_at_ms }),
  }));
  const { rows } = await sql<{ alarms: number; closed: number; paired: number; waiting: number }>`
    SELECT (SELECT count(*) FROM reconciliation_alarm) AS alarms,
      (SELECT count(*) FROM reconciliation_alarm_closed) AS closed,
      (SELECT paired FROM reconciled_total) AS paired,
      (SELECT count(*) FROM reconciled WHERE due_ms IS NOT NULL) AS waiting
  `.execute(db);
  const [counts = { alarms: 0, closed: 0, paired: 0, waiting: 0 }] = rows;
  return { alarms, counts };
}
