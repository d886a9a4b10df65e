import type { Kysely, Transaction } from 'kysely';
import { sql } from 'kysely';
import type { Digest } from '@causeway/protocol';
import type { ConsumerTables, ErasureDeliveryRow } from '../tables.ts';

type Db = Kysely<ConsumerTables>;
type Trx = Transaction<ConsumerTables>;

/** A delivery that is due, taken by this process for a while. */
export interface Delivery {
  readonly erasure: string;
  readonly node: string;
  readonly digest: Digest;
  readonly statement: string;
  readonly attempts: number;
}

export async function insertDelivery(
  trx: Trx,
  row: Pick<ErasureDeliveryRow, 'erasure' | 'node' | 'digest' | 'statement' | 'next_ms'>,
): Promise<void> {
  const open = { ack: null, acked_ms: null };
  await trx
    .insertInto('erasure_delivery')
    .values({ ...row, ...open })
    .execute();
}

/** As late as no delivery comes: the erasure takes their place. */
const neverMs = Date.UTC(2200, 0);

/**
 * Holds back for good what nodes have yet to be told of a subject, stops and disputes: told after the
 * erasure, it would begin a life there. True where something was held back, which may be on its way now.
 */
export async function holdBack(trx: Trx, refs: readonly string[]): Promise<boolean> {
  const { rows } = await sql`
    WITH stops AS (
      UPDATE status_delivery SET next_ms = ${neverMs}
      WHERE subject_ref = ANY (${[...refs]}::text[]) AND acked_ms IS NULL RETURNING 1 AS one
    ), disputes AS (
      UPDATE dispute_message SET next_ms = ${neverMs}
      WHERE subject_ref = ANY (${[...refs]}::text[]) AND sent_ms IS NULL RETURNING 1 AS one
    )
    SELECT one FROM stops UNION ALL SELECT one FROM disputes LIMIT 1`.execute(trx);
  return rows.length > 0;
}

const backoffMs = { first: 2000, doublings: 9, most: 600_000 };

/** Takes what is due; each is due again later, at growing distances, unless it is acknowledged until then. */
export async function takeDeliveries(db: Db, nowMs: number, most: number): Promise<Delivery[]> {
  const { doublings, first, most: longest } = backoffMs;
  const { rows } = await sql<Delivery>`
    UPDATE erasure_delivery AS taken
    SET attempts = taken.attempts + 1,
      next_ms = ${nowMs} + least(${longest}, ${first} * 2 ^ least(taken.attempts, ${doublings}))::bigint
    FROM (
      SELECT erasure, node FROM erasure_delivery
      WHERE acked_ms IS NULL AND next_ms <= ${nowMs} ORDER BY next_ms LIMIT ${most} FOR UPDATE SKIP LOCKED
    ) AS due
    WHERE taken.erasure = due.erasure AND taken.node = due.node
    RETURNING taken.erasure, taken.node, taken.digest, taken.statement, taken.attempts`.execute(db);
  return rows;
}

export async function recordErased(
  db: Db,
  { erasure, node }: Delivery,
  acked: { readonly ack: string; readonly acked_ms: number },
): Promise<void> {
  await db
    .updateTable('erasure_delivery')
    .set(acked)
    .where('erasure', '=', erasure)
    .where('node', '=', node)
    .where('acked_ms', 'is', null)
    .execute();
}

/** To whom an erasure is brought, by name. */
export async function deliveriesOf(db: Db, erasure: string) {
  return await db
    .selectFrom('erasure_delivery')
    .select(['node', 'digest', 'ack', 'acked_ms'])
    .where('erasure', '=', erasure)
    .orderBy('node')
    .execute();
}

/** Keeps of an erasure what names nobody. */
export async function keepProofs(trx: Trx, erasure: string): Promise<void> {
  await sql`
    INSERT INTO erasure_proof (digest, node, ack, at_ms)
    SELECT digest, node, ack, acked_ms FROM erasure_delivery WHERE erasure = ${erasure} AND ack IS NOT NULL
    ON CONFLICT DO NOTHING`.execute(trx);
}
