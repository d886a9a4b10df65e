import { type Kysely, sql, type Transaction } from 'kysely';
import type { ChannelRow, ConsumerTables, PushRow } from '../tables.ts';

type Db = Kysely<ConsumerTables>;
type Trx = Transaction<ConsumerTables>;

const columns = [
  ...(['subject_ref', 'id', 'kind', 'target', 'code', 'tries', 'created_ms'] as const),
  ...(['confirmed_ms', 'removed_ms'] as const),
];

/** The subject's channels, those that were removed too, the newest first. */
export async function channelsOf(db: Db, refs: readonly string[]): Promise<ChannelRow[]> {
  return await db
    .selectFrom('channel')
    .select(columns)
    .where('subject_ref', 'in', refs)
    .orderBy('created_ms', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

export async function insertChannel(trx: Trx, row: ChannelRow): Promise<void> {
  await trx.insertInto('channel').values(row).execute();
}

export async function updateChannel(
  trx: Trx,
  { id, subject_ref }: Pick<ChannelRow, 'id' | 'subject_ref'>,
  change: Partial<Pick<ChannelRow, 'tries' | 'confirmed_ms' | 'removed_ms'>>,
): Promise<void> {
  await trx
    .updateTable('channel')
    .set(change)
    .where('subject_ref', '=', subject_ref)
    .where('id', '=', id)
    .execute();
}

/** Something to be told over one channel. */
export async function insertPush(
  trx: Trx,
  { id, subject_ref }: Pick<ChannelRow, 'id' | 'subject_ref'>,
  about: PushRow['about'],
): Promise<void> {
  const push = { subject_ref, channel: id, about, of_ref: subject_ref, object: id };
  await trx.insertInto('push').values(push).execute();
}

/** The same over every confirmed channel of the subject. */
export async function pushToChannels(
  trx: Trx,
  about: PushRow['about'],
  subjectRef: string,
  object: string,
): Promise<void> {
  await sql`SELECT push_to_channels(${about}, ${subjectRef}, ${object})`.execute(trx);
}

/** A push as it is taken. */
export type DuePush = Pick<PushRow, 'subject_ref' | 'channel' | 'about' | 'of_ref' | 'object'> & {
  readonly id: string;
  readonly attempts: number;
};

const backoffMs = { first: 5000, doublings: 8, most: 3_600_000 };

/**
 * Takes pushes that are due, for this process alone: each is due again later, at growing distances, unless it
 * has ended until then. So a process that dies holding some forgets none.
 */
export async function takePushes(db: Db, nowMs: number, most: number): Promise<DuePush[]> {
  const { first, doublings, most: longest } = backoffMs;
  const { rows } = await sql<DuePush>`
    UPDATE push AS taken
    SET attempts = taken.attempts + 1,
      next_ms = ${nowMs} + least(${longest}, ${first} * 2 ^ least(taken.attempts, ${doublings}))::bigint
    FROM (
      SELECT subject_ref, id FROM push
      WHERE ended IS NULL AND next_ms <= ${nowMs} ORDER BY next_ms LIMIT ${most} FOR UPDATE SKIP LOCKED
    ) AS due
    WHERE taken.subject_ref = due.subject_ref AND taken.id = due.id
    RETURNING taken.subject_ref, taken.id, taken.channel, taken.about, taken.of_ref, taken.object,
      taken.attempts`.execute(db);
  return rows;
}

export async function endPush(
  db: Db,
  push: Pick<DuePush, 'subject_ref' | 'id'>,
  ended: 'sent' | 'nothing' | 'failed',
  nowMs: number,
): Promise<void> {
  await db
    .updateTable('push')
    .set({ ended, ended_ms: nowMs })
    .where('subject_ref', '=', push.subject_ref)
    .where('id', '=', push.id)
    .where('ended', 'is', null)
    .execute();
}

/** How many messages have gone over a channel since a moment. */
export async function sentSince(
  db: Db,
  { channel, subject_ref }: Pick<DuePush, 'subject_ref' | 'channel'>,
  sinceMs: number,
): Promise<number> {
  const row = await db
    .selectFrom('push')
    .select(({ fn }) => fn.countAll().as('sent'))
    .where('subject_ref', '=', subject_ref)
    .where('channel', '=', channel)
    .where('ended_ms', '>', sinceMs)
    .where('ended', '=', 'sent')
    .executeTakeFirst();
  return Number(row?.sent ?? 0);
}

/**
 * Forgets what ended before this moment, and the notices about passkeys that were put into the outbox when
 * they were written.
 */
export async function forgetPushes(db: Db, beforeMs: number): Promise<void> {
  await db.deleteFrom('passkey_notice').where('at_ms', '<', beforeMs).execute();
  await db.deleteFrom('push').where('ended_ms', '<', beforeMs).execute();
}
