import type { Kysely } from 'kysely';
import type pg from 'pg';

import type { BureauTables, DisputeRow, StepRow } from '../tables.ts';

type NewStep = Omit<StepRow, 'attempts' | 'sent_ms'>;

const columns = `subject_ref, id, digest, iss, record, keys, categories, reason, words, provider, state,
  dossier, handler, mark, received_ms, due_ms, steps`;

/** A dispute that came before under this once key. */
export async function disputeOnce(
  client: pg.PoolClient,
  subjectRef: string,
  id: string,
): Promise<DisputeRow | undefined> {
  const { rows } = await client.query<DisputeRow>(
    `SELECT ${columns} FROM dispute WHERE subject_ref = $1 AND id = $2`,
    [subjectRef, id],
  );
  return rows[0];
}

/** A dispute behind its row lock: what is done with it comes one after the other. */
export async function lockDispute(client: pg.PoolClient, id: string): Promise<DisputeRow | undefined> {
  const { rows } = await client.query<DisputeRow>(`SELECT ${columns} FROM dispute WHERE id = $1 FOR UPDATE`, [
    id,
  ]);
  return rows[0];
}

/** A dispute that its opening statement names, behind its row lock. */
export async function lockOpened(
  client: pg.PoolClient,
  subjectRef: string,
  opening: string,
): Promise<DisputeRow | undefined> {
  const { rows } = await client.query<DisputeRow>(
    `SELECT ${columns} FROM dispute WHERE subject_ref = $1 AND digest = $2 FOR UPDATE`,
    [subjectRef, opening],
  );
  return rows[0];
}

/** True where a dispute about the same records is open; the subject's locks must be held. */
export async function hasOpen(
  client: pg.PoolClient,
  refs: readonly string[],
  keys: string,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM dispute WHERE subject_ref = ANY($1) AND keys = $2 AND state NOT IN ('closed', 'rejected')`,
    [[...refs], keys],
  );
  return (rowCount ?? 0) > 0;
}

export async function insertDispute(client: pg.PoolClient, row: DisputeRow): Promise<void> {
  await client.query(
    `INSERT INTO dispute (${columns})
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
    [
      ...[row.subject_ref, row.id, row.digest, row.iss, row.record, row.keys, row.categories, row.reason],
      ...[row.words, row.provider, row.state, row.dossier, row.handler, row.mark, row.received_ms],
      ...[row.due_ms, row.steps],
    ],
  );
}

/** Writes a step and what the dispute has become by it. */
export async function writeStep(client: pg.PoolClient, row: DisputeRow, step: NewStep): Promise<void> {
  await client.query(
    `UPDATE dispute SET state = $3, dossier = $4, handler = $5, mark = $6, due_ms = $7, steps = $8
     WHERE subject_ref = $1 AND id = $2`,
    [row.subject_ref, row.id, row.state, row.dossier, row.handler, row.mark, row.due_ms, row.steps],
  );
  await client.query(
    `INSERT INTO dispute_step (subject_ref, dispute, step, event, by_whom, reply, recipients, digest,
       statement, at_ms, next_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      ...[step.subject_ref, step.dispute, step.step, step.event, step.by_whom, step.reply, step.recipients],
      ...[step.digest, step.statement, step.at_ms, step.next_ms],
    ],
  );
}

/** Says when a dispute is looked at again. */
export async function setDue(
  client: pg.PoolClient,
  { id, subject_ref }: DisputeRow,
  dueMs: number | null,
): Promise<void> {
  await client.query('UPDATE dispute SET due_ms = $3 WHERE subject_ref = $1 AND id = $2', [
    ...[subject_ref, id, dueMs],
  ]);
}

/** Disputes about items that are here and bear no mark of them. */
export async function unmarkedDisputes(pool: pg.Pool, most: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT dispute.id FROM dispute
     WHERE dispute.state NOT IN ('closed', 'rejected') AND dispute.mark IS NOT NULL
       AND NOT EXISTS (SELECT FROM mark WHERE mark.mark = dispute.mark AND mark.ended_ms IS NULL)
       AND EXISTS (
         SELECT FROM json_to_recordset(dispute.keys::json)
             AS each ("subjectRef" text, "record" text, "sourceRecordId" text)
           JOIN record ON (record.subject_ref, record.record, record.source_record_id)
             = (each."subjectRef", each."record", each."sourceRecordId"))
     LIMIT $1`,
    [most],
  );
  return rows.map(({ id }) => id);
}

export async function setMark(
  client: pg.PoolClient,
  { id, subject_ref }: DisputeRow,
  mark: string,
): Promise<void> {
  await client.query('UPDATE dispute SET mark = $3 WHERE subject_ref = $1 AND id = $2', [
    ...[subject_ref, id, mark],
  ]);
}

/** Ids of disputes that are due, the longest due first. */
export async function dueDisputes(pool: pg.Pool, nowMs: number, most: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    'SELECT id FROM dispute WHERE due_ms <= $1 ORDER BY due_ms LIMIT $2',
    [nowMs, most],
  );
  return rows.map(({ id }) => id);
}

const inquiriesMax = 1000;

/**
 * The newest inquiries under which this bureau has answered with records of a subject since a moment: who may
 * have been given one of them.
 */
export async function inquiriesSince(
  client: pg.PoolClient,
  refs: readonly string[],
  sinceMs: number,
): Promise<string[]> {
  const { rows } = await client.query<{ inquiry: string }>(
    `SELECT inquiry FROM answer WHERE subject_ref = ANY($1) AND state = 'disclosed'
       AND outcome = 'answered' AND answered_ms >= $2
     GROUP BY inquiry ORDER BY max(answered_ms) DESC LIMIT ${inquiriesMax}`,
    [[...refs], sinceMs],
  );
  return rows.map(({ inquiry }) => inquiry);
}

/** The dispute, for the bureau's own people. */
export async function findDispute(db: Kysely<BureauTables>, id: string): Promise<DisputeRow | undefined> {
  return await db.selectFrom('dispute').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Open disputes by the time that is left, then those without a clock. */
export async function openDisputes(
  db: Kysely<BureauTables>,
  state: DisputeRow['state'] | undefined,
  most: number,
): Promise<DisputeRow[]> {
  const open = db.selectFrom('dispute').selectAll().where('state', 'not in', ['closed', 'rejected']);
  const asked = state === undefined ? open : open.where('state', '=', state);
  return await asked
    .orderBy('due_ms', (order) => order.asc().nullsLast())
    .orderBy('received_ms')
    .limit(most)
    .execute();
}

export async function stepsOf(db: Kysely<BureauTables>, row: DisputeRow) {
  return await db
    .selectFrom('dispute_step')
    .select(['step', 'event', 'by_whom', 'reply', 'recipients', 'at_ms', 'sent_ms'])
    .where('subject_ref', '=', row.subject_ref)
    .where('dispute', '=', row.id)
    .orderBy('step')
    .execute();
}

/** A step on its way to the consumer service. */
export interface Outgoing {
  readonly subject_ref: string;
  readonly dispute: string;
  readonly step: number;
  readonly event: string;
  readonly reply: Buffer | null;
  readonly recipients: readonly string[];
  readonly statement: string;
  readonly iss: string;
  readonly categories: readonly string[];
}

const backoffMs = { first: 1000, doublings: 6, most: 60_000 };

/**
 * Takes steps that are due, for this process alone: of each dispute the first one that has not arrived. Each
 * is due again later unless it is recorded as sent until then, so that a process that dies forgets none.
 */
export async function takeSteps(pool: pg.Pool, nowMs: number, most: number): Promise<Outgoing[]> {
  const { first, doublings, most: longest } = backoffMs;
  const { rows } = await pool.query<Outgoing>(
    `UPDATE dispute_step AS taken SET attempts = taken.attempts + 1,
       next_ms = $1 + least(${longest}, ${first} * 2 ^ least(taken.attempts, ${doublings}))::bigint
     FROM (
       SELECT step.subject_ref, step.dispute, step.step FROM dispute_step AS step
       WHERE step.sent_ms IS NULL AND step.next_ms <= $1 AND NOT EXISTS (
         SELECT FROM dispute_step AS before WHERE before.subject_ref = step.subject_ref
           AND before.dispute = step.dispute AND before.step < step.step AND before.sent_ms IS NULL)
       ORDER BY step.next_ms LIMIT $2 FOR UPDATE SKIP LOCKED
     ) AS due JOIN dispute ON dispute.subject_ref = due.subject_ref AND dispute.id = due.dispute
     WHERE taken.subject_ref = due.subject_ref AND taken.dispute = due.dispute AND taken.step = due.step
     RETURNING taken.subject_ref, taken.dispute, taken.step, taken.event, taken.reply, taken.recipients,
       taken.statement, dispute.iss, dispute.categories`,
    [nowMs, most],
  );
  return rows;
}

/** False where another process has recorded it before. */
export async function recordSent(client: pg.PoolClient, step: Outgoing, nowMs: number): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE dispute_step SET sent_ms = $4
     WHERE subject_ref = $1 AND dispute = $2 AND step = $3 AND sent_ms IS NULL`,
    [step.subject_ref, step.dispute, step.step, nowMs],
  );
  return rowCount === 1;
}
