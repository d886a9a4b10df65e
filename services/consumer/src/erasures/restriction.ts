import type { StageLeaf } from '@causeway/member';
import { readUnverified, type Ack, type Digest, type Status } from '@causeway/protocol';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Consumer } from '../consumer.ts';
import { recordStop } from '../stops/record-stop.ts';
import { deliveriesOf, insertDeliveries, newestStop, type StopKey } from '../stops/repository.ts';
import type { ConsumerTables, ErasureRow } from '../tables.ts';

interface Restricted extends Pick<ErasureRow, 'freeze_id'> {
  readonly refs: readonly string[];
}

/** Whose restriction a node has acknowledged, or has yet to. */
interface Held extends StopKey {
  readonly node: string;
}

/**
 * The stop that restricts all references of a subject, signed again where it does not name all of them; and
 * every node is told of it, also one that has joined since. Under the subject's exclusive locks.
 */
export async function tellEveryNode(
  consumer: Consumer,
  { stage, trx }: { readonly trx: Transaction<ConsumerTables>; readonly stage: StageLeaf },
  { freeze_id: freeze, refs }: Restricted,
  nodes: readonly string[],
): Promise<StopKey> {
  const newest = await newestStop(trx, refs, { freeze });
  // This service wrote it.
  const says = newest && (readUnverified(newest.statement).claims as Status);
  const covers = says?.restricts === true && refs.every((ref) => says.subject_refs.includes(ref));
  if (newest === undefined || !covers)
    return await recordStop(consumer, trx, stage, {
      ...{ refs, action: 'freeze', of: { freeze }, restricts: true },
    });
  const told = (await deliveriesOf(trx, newest)).map(({ node }) => node);
  const next_ms = consumer.clock.now();
  const none = { awaited: false, live_until_ms: null, told_until_ms: null, shown_from_ms: null };
  const missing = nodes.filter((node) => !told.includes(node));
  await insertDeliveries(
    trx,
    newest,
    missing.map((node) => ({ node, ...none, next_ms })),
  );
  return newest;
}

/** The restriction in the version that a node has acknowledged; without `digest` where it has not yet. */
export async function restrictionAt(
  db: Kysely<ConsumerTables>,
  { freeze_id: freeze, refs }: Restricted,
  node: string,
): Promise<(Held & { readonly digest?: Digest }) | undefined> {
  const stop = await newestStop(db, refs, { freeze });
  if (stop === undefined) return undefined;
  const { sequence, subject_ref } = stop;
  const ack = (await deliveriesOf(db, stop)).find((each) => each.node === node)?.ack ?? null;
  const held = { subject_ref, sequence, node };
  // It was verified when it came.
  return ack === null ? held : { ...held, digest: (readUnverified(ack).claims as Ack).status };
}

/** The node says that it knows of no restriction: it is told again, and counts from then. */
export async function tellAgain(
  db: Kysely<ConsumerTables>,
  { node, sequence, subject_ref }: Held,
  nowMs: number,
): Promise<void> {
  await sql`
    UPDATE status_delivery SET ack = NULL, tree_size = NULL, acked_ms = NULL, next_ms = ${nowMs}
    WHERE subject_ref = ${subject_ref} AND sequence = ${sequence} AND node = ${node}`.execute(db);
}
