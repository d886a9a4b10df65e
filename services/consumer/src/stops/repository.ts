import type { Digest } from '@causeway/protocol';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { ConsumerTables, DeliveryRow, StopRow } from '../tables.ts';
import type { Recipient } from './recipients.ts';

type Db = Kysely<ConsumerTables>;
type Trx = Transaction<ConsumerTables>;

/** A stop by its key. */
export type StopKey = Pick<StopRow, 'subject_ref' | 'sequence'>;

const stopColumns = [
  ...(['subject_ref', 'sequence', 'digest', 'action', 'consent', 'freeze_id', 'window_id'] as const),
  ...(['restricts', 'statement', 'at_ms', 'mandate'] as const),
];
const deliveryColumns = [
  ...(['subject_ref', 'sequence', 'node', 'awaited', 'live_until_ms', 'statements', 'attempts'] as const),
  ...(['next_ms', 'ack', 'tree_size', 'acked_ms', 'told_until_ms', 'shown_from_ms'] as const),
];

/** The next number of the subject's stops; its locks must be held exclusively. */
export async function nextSequence(trx: Trx, refs: readonly string[]): Promise<number> {
  const row = await trx
    .selectFrom('stop')
    .select(({ fn }) => fn.max('sequence').as('last'))
    .where('subject_ref', 'in', refs)
    .executeTakeFirst();
  return (row?.last ?? 0) + 1;
}

export async function insertStop(
  trx: Trx,
  stop: StopRow,
  deliveries: readonly (Recipient & Pick<DeliveryRow, 'next_ms'>)[],
): Promise<void> {
  await trx.insertInto('stop').values(stop).execute();
  await insertDeliveries(trx, stop, deliveries);
}

/** Whom a stop must be brought to. */
export async function insertDeliveries(
  trx: Trx,
  { sequence, subject_ref }: StopKey,
  deliveries: readonly (Recipient & Pick<DeliveryRow, 'next_ms'>)[],
): Promise<void> {
  if (deliveries.length === 0) return;
  const open = { ack: null, tree_size: null, acked_ms: null };
  await trx
    .insertInto('status_delivery')
    .values(deliveries.map((delivery) => ({ subject_ref, sequence, ...open, ...delivery })))
    .execute();
}

/** The newest stop about one consent, or about one freeze, of the subject with these references. */
export async function newestStop(
  db: Db,
  refs: readonly string[],
  of: { readonly consent: Digest } | { readonly freeze: string },
): Promise<StopRow | undefined> {
  const ofSubject = db.selectFrom('stop').select(stopColumns).where('subject_ref', 'in', refs);
  const about =
    'consent' in of
      ? ofSubject.where('consent', '=', of.consent)
      : ofSubject.where('freeze_id', '=', of.freeze);
  return await about.orderBy('sequence', 'desc').limit(1).executeTakeFirst();
}

export async function findStop(db: Db, key: StopKey): Promise<StopRow | undefined> {
  return await db
    .selectFrom('stop')
    .select(stopColumns)
    .where('subject_ref', '=', key.subject_ref)
    .where('sequence', '=', key.sequence)
    .executeTakeFirst();
}

/** Who must acknowledge a stop, and who has. */
export async function deliveriesOf(db: Db, key: StopKey): Promise<DeliveryOut[]> {
  return await db
    .selectFrom('status_delivery')
    .select(deliveryColumns)
    .where('subject_ref', '=', key.subject_ref)
    .where('sequence', '=', key.sequence)
    .orderBy('node')
    .execute();
}

/** A delivery as it is read. */
export type DeliveryOut = Omit<DeliveryRow, 'statements' | 'attempts'> & {
  readonly statements: string[];
  readonly attempts: number;
};

const backoffMs = { first: 2000, doublings: 5, most: 60_000 };

/**
 * Takes deliveries that are due, for this process alone: each is due again later, at growing distances,
 * unless it is acknowledged until then. So a process that dies holding some forgets none.
 */
export async function takeDue(db: Db, nowMs: number, most: number): Promise<DeliveryOut[]> {
  const { first, doublings, most: longest } = backoffMs;
  const { rows } = await sql<DeliveryOut>`
    UPDATE status_delivery AS taken
    SET attempts = taken.attempts + 1,
      next_ms = ${nowMs} + least(${longest}, ${first} * 2 ^ least(taken.attempts, ${doublings}))::bigint
    FROM (
      SELECT subject_ref, sequence, node FROM status_delivery
      WHERE acked_ms IS NULL AND next_ms <= ${nowMs} ORDER BY next_ms LIMIT ${most} FOR UPDATE SKIP LOCKED
    ) AS due
    WHERE taken.subject_ref = due.subject_ref AND taken.sequence = due.sequence AND taken.node = due.node
    RETURNING ${sql.join(deliveryColumns.map((column) => sql.ref(`taken.${column}`)))}`.execute(db);
  return rows;
}

/** Keeps the statement that was signed anew for this node. */
export async function addStatement(trx: Trx, to: DeliveryOut, statement: string): Promise<void> {
  await trx
    .updateTable('status_delivery')
    .set({ statements: sql<string[]>`array_append(statements, ${statement})` })
    .where('subject_ref', '=', to.subject_ref)
    .where('sequence', '=', to.sequence)
    .where('node', '=', to.node)
    .execute();
}

export async function recordAck(
  db: Db,
  of: DeliveryOut,
  acked: { readonly ack: string; readonly tree_size: number; readonly acked_ms: number },
): Promise<void> {
  await db
    .updateTable('status_delivery')
    .set(acked)
    .where('subject_ref', '=', of.subject_ref)
    .where('sequence', '=', of.sequence)
    .where('node', '=', of.node)
    .where('acked_ms', 'is', null)
    .execute();
}
