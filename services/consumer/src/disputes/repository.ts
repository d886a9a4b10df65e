import { type Kysely, sql, type Transaction } from 'kysely';
import type { ConsumerTables, DisputeRow, StepRow } from '../tables.ts';

type Db = Kysely<ConsumerTables>;
type Trx = Transaction<ConsumerTables>;

const columns = [
  ...(['subject_ref', 'id', 'bureau', 'record', 'report', 'reason', 'words', 'digest', 'state'] as const),
  ...(['dossier', 'steps', 'received_ms', 'withdrawn_ms', 'mandate', 'withdrawn_mandate'] as const),
];
/** Disputes that one page shows; a subject with more reads on from the last one. */
const pageMax = 50;

/** False where one about the same item is open. */
export async function insertDispute(trx: Trx, row: DisputeRow): Promise<boolean> {
  const inserted = await trx
    .insertInto('dispute')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .execute();
  return inserted.length === 1;
}

/** How many disputes the subject has opened since a moment. */
export async function openedSince(db: Db, refs: readonly string[], sinceMs: number): Promise<number> {
  const { n } = await db
    .selectFrom('dispute')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('subject_ref', 'in', refs)
    .where('received_ms', '>', sinceMs)
    .executeTakeFirstOrThrow();
  return Number(n);
}

/** What the bureau has to be told, in the transaction that makes it true. */
export async function insertMessage(
  trx: Trx,
  row: DisputeRow,
  message: { readonly n: number; readonly statement: string; readonly next_ms: number },
): Promise<void> {
  const { id, subject_ref } = row;
  await trx
    .insertInto('dispute_message')
    .values({ subject_ref, dispute: id, sent_ms: null, ...message })
    .execute();
}

/** The statement that opened a dispute. */
export async function openingStatement(trx: Trx, row: DisputeRow): Promise<string> {
  const { statement } = await trx
    .selectFrom('dispute_message')
    .select('statement')
    .where('subject_ref', '=', row.subject_ref)
    .where('dispute', '=', row.id)
    .where('n', '=', 1)
    .executeTakeFirstOrThrow();
  return statement;
}

/** The subject's disputes, the newest first, older than `before`. */
export async function disputesOf(
  db: Db,
  refs: readonly string[],
  before: string | undefined,
): Promise<{ rows: DisputeRow[]; next: string | undefined }> {
  const all = db.selectFrom('dispute').select(columns).where('subject_ref', 'in', refs);
  const older = before === undefined ? all : all.where('id', '<', before);
  const rows = await older
    .orderBy('id', 'desc')
    .limit(pageMax + 1)
    .execute();
  const page = rows.slice(0, pageMax);
  return { rows: page, next: rows.length > pageMax ? page.at(-1)?.id : undefined };
}

/** A dispute of the subject with these references; another's is as absent. */
export async function disputeOf(
  db: Db,
  refs: readonly string[],
  id: string,
): Promise<DisputeRow | undefined> {
  return await db
    .selectFrom('dispute')
    .select(columns)
    .where('subject_ref', 'in', refs)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** As `disputeOf`, behind its row lock. */
export async function lockDispute(
  trx: Trx,
  refs: readonly string[],
  id: string,
): Promise<DisputeRow | undefined> {
  return await trx
    .selectFrom('dispute')
    .select(columns)
    .where('subject_ref', 'in', refs)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

/** The dispute that a bureau's step names, behind its row lock. */
export async function lockByDigest(trx: Trx, digest: string): Promise<DisputeRow | undefined> {
  return await trx
    .selectFrom('dispute')
    .select(columns)
    .where('digest', '=', digest as DisputeRow['digest'])
    .forUpdate()
    .executeTakeFirst();
}

export async function setWithdrawn(
  trx: Trx,
  row: DisputeRow,
  withdrawn: Pick<DisputeRow, 'withdrawn_ms' | 'withdrawn_mandate'>,
): Promise<void> {
  await trx
    .updateTable('dispute')
    .set(withdrawn)
    .where('subject_ref', '=', row.subject_ref)
    .where('id', '=', row.id)
    .execute();
}

export async function stepOf(trx: Trx, row: DisputeRow, step: number): Promise<StepRow | undefined> {
  return await trx
    .selectFrom('dispute_step')
    .selectAll()
    .where('subject_ref', '=', row.subject_ref)
    .where('dispute', '=', row.id)
    .where('step', '=', step)
    .executeTakeFirst();
}

/** Writes a step and what the dispute has become by it. */
export async function writeStep(trx: Trx, row: DisputeRow, step: StepRow): Promise<void> {
  await trx
    .updateTable('dispute')
    .set({ state: row.state, dossier: row.dossier, steps: row.steps })
    .where('subject_ref', '=', row.subject_ref)
    .where('id', '=', row.id)
    .execute();
  await trx.insertInto('dispute_step').values(step).execute();
}

/** The steps of these disputes of one subject, in order. */
export async function stepsOf(db: Db, row: Pick<DisputeRow, 'subject_ref' | 'id'>): Promise<StepRow[]> {
  return await db
    .selectFrom('dispute_step')
    .selectAll()
    .where('subject_ref', '=', row.subject_ref)
    .where('dispute', '=', row.id)
    .orderBy('step')
    .execute();
}

/** A message on its way to a bureau. */
export interface Outgoing {
  readonly subject_ref: string;
  readonly dispute: string;
  readonly n: number;
  readonly statement: string;
  readonly attempts: number;
  readonly bureau: string;
  readonly words: Buffer;
  readonly received_ms: number;
}

const backoffMs = { first: 1000, doublings: 5, most: 30_000 };

/**
 * Takes messages that are due, for this process alone: of each dispute the first one that has not arrived.
 * Each is due again later unless it is recorded as sent until then, so that a process that dies forgets none.
 */
export async function takeMessages(db: Db, nowMs: number, most: number): Promise<Outgoing[]> {
  const { first, doublings, most: longest } = backoffMs;
  const { rows } = await sql<Outgoing>`
    UPDATE dispute_message AS taken SET attempts = taken.attempts + 1,
      next_ms = ${nowMs} + least(${longest}, ${first} * 2 ^ least(taken.attempts, ${doublings}))::bigint
    FROM (
      SELECT message.subject_ref, message.dispute, message.n FROM dispute_message AS message
      WHERE message.sent_ms IS NULL AND message.next_ms <= ${nowMs} AND NOT EXISTS (
        SELECT FROM dispute_message AS before WHERE before.subject_ref = message.subject_ref
          AND before.dispute = message.dispute AND before.n < message.n AND before.sent_ms IS NULL)
      ORDER BY message.next_ms LIMIT ${most} FOR UPDATE SKIP LOCKED
    ) AS due JOIN dispute ON dispute.subject_ref = due.subject_ref AND dispute.id = due.dispute
    WHERE taken.subject_ref = due.subject_ref AND taken.dispute = due.dispute AND taken.n = due.n
    RETURNING taken.subject_ref, taken.dispute, taken.n, taken.statement, taken.attempts, dispute.bureau,
      dispute.words, dispute.received_ms`.execute(db);
  return rows;
}

export async function recordSent(db: Db, message: Outgoing, nowMs: number): Promise<void> {
  await db
    .updateTable('dispute_message')
    .set({ sent_ms: nowMs })
    .where('subject_ref', '=', message.subject_ref)
    .where('dispute', '=', message.dispute)
    .where('n', '=', message.n)
    .where('sent_ms', 'is', null)
    .execute();
}
