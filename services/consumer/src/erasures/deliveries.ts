import type { Kysely, Transaction } from 'kysely';
import { sql } from 'kysely';
import type { Digest } from '@causeway/protocol';
import type { StopKey } from '../stops/repository.ts';
import type { ConsumerTables, ErasureDeliveryRow } from '../tables.ts';

type Db = Kysely<ConsumerTables>;
type Trx = Transaction<ConsumerTables>;

/** A delivery that is due, taken by this process for a while. */
export interface Delivery {
  readonly erasure: string;
  readonly refs: readonly string[];
  readonly freeze_id: string;
  readonly node: string;
  readonly digest: Digest | null;
  readonly statement: string | null;
  readonly attempts: number;
}

export async function insertDelivery(
  trx: Trx,
  row: Pick<ErasureDeliveryRow, 'erasure' | 'node' | 'next_ms'>,
): Promise<void> {
  const open = { digest: null, statement: null, ack: null, acked_ms: null };
  await trx
    .insertInto('erasure_delivery')
    .values({ ...row, ...open })
    .execute();
}

/** As late as no delivery comes: the erasure takes their place. */
const neverMs = Date.UTC(2200, 0);

/**
 * Holds back for good what nodes have yet to be told of a subject, stops and disputes: told after the
 * erasure, it would begin a life there. Not the restriction itself, without which no node obeys. True where
 * something was held back, which may be on its way now.
 */
export async function holdBack(
  trx: Trx,
  refs: readonly string[],
  { sequence, subject_ref: ref }: StopKey,
): Promise<boolean> {
  const { rows } = await sql`
    WITH stops AS (
      UPDATE status_delivery SET next_ms = ${neverMs}
      WHERE subject_ref = ANY (${[...refs]}::text[]) AND acked_ms IS NULL
        AND (subject_ref, sequence) <> (${ref}, ${sequence}::integer) RETURNING 1 AS one
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
    ) AS due JOIN erasure ON erasure.id = due.erasure
    WHERE taken.erasure = due.erasure AND taken.node = due.node
    RETURNING taken.erasure, erasure.refs, erasure.freeze_id, taken.node, taken.digest, taken.statement,
      taken.attempts`.execute(db);
  return rows;
}

/** Keeps what the node is brought from now on. */
export async function keepStatement(
  trx: Trx,
  { erasure, node }: Delivery,
  signed: { readonly digest: Digest; readonly statement: string },
): Promise<void> {
  await trx
    .updateTable('erasure_delivery')
    .set(signed)
    .where('erasure', '=', erasure)
    .where('node', '=', node)
    .where('acked_ms', 'is', null)
    .execute();
}

/** Asks this node again no sooner than then. */
export async function postpone(db: Db, { erasure, node }: Delivery, next_ms: number): Promise<void> {
  await db
    .updateTable('erasure_delivery')
    .set({ next_ms })
    .where('erasure', '=', erasure)
    .where('node', '=', node)
    .execute();
}

export async function recordErased(
  db: Db,
  { erasure, node }: Delivery,
  acked: Pick<ErasureDeliveryRow, 'digest' | 'statement' | 'ack' | 'acked_ms'>,
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

/** Keeps of an erasure what names nobody. How many nodes there were. */
export async function keepProofs(trx: Trx, erasure: string): Promise<number> {
  await sql`
    INSERT INTO erasure_proof (digest, node, ack, at_ms)
    SELECT digest, node, ack, acked_ms FROM erasure_delivery WHERE erasure = ${erasure} AND ack IS NOT NULL
    ON CONFLICT DO NOTHING`.execute(trx);
  return (await deliveriesOf(trx, erasure)).length;
}

/** How many erasures wait for each node. */
export async function waitingByNode(db: Db): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('erasure_delivery')
    .select(({ fn }) => ['node', fn.countAll<number>().as('n')])
    .where('acked_ms', 'is', null)
    .groupBy('node')
    .execute();
  return new Map(rows.map(({ n, node }) => [node, Number(n)]));
}
