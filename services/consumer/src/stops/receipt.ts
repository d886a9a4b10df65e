import { digestOf, readUnverified, type Ack } from '@causeway/protocol';
import type { Kysely } from 'kysely';
import type { ConsumerTables, StopRow } from '../tables.ts';
import { deliveriesOf } from './repository.ts';

/** What a subject can show of a stop: the signed stop, its leaf, and who has acknowledged it. */
export interface StopReceipt {
  /** The signed status. */
  readonly receipt: string;
  /** Its leaf. */
  readonly leaf: string;
  /** When the last grant that was live at the stop ends or ended. */
  readonly last_grant_expires_at?: string;
  /** Node by node: no release under what was stopped has a leaf at this size of its tree, or beyond. */
  readonly acknowledgements: readonly {
    readonly node: string;
    readonly tree_size: number;
    readonly acked_at: string;
    /** The signed ack. */
    readonly ack: string;
    /** The status that the ack cites, where the stop had to be signed anew for this node. */
    readonly status?: string;
  }[];
  /** Who has not acknowledged yet and is being asked until it does. */
  readonly waiting: readonly string[];
}

const isoTime = (ms: number): string => new Date(ms).toISOString();

/** The receipt as the subject may see it at this moment (ms since the epoch). */
export async function receiptOf(
  db: Kysely<ConsumerTables>,
  stop: StopRow,
  nowMs: number,
): Promise<StopReceipt> {
  const all = await deliveriesOf(db, stop);
  const deliveries = all.filter(({ shown_from_ms: fromMs }) => fromMs === null || fromMs <= nowMs);
  const ends = deliveries.flatMap(({ told_until_ms }) => told_until_ms ?? []);
  const acknowledgements = deliveries.flatMap(({ ack, acked_ms, node, statements, tree_size }) => {
    if (ack === null || acked_ms === null || tree_size === null) return [];
    const { status: cited } = readUnverified(ack).claims as Ack;
    const anew = statements.find((statement) => digestOf(statement) === cited);
    const status = anew === undefined ? {} : { status: anew };
    return [{ node, tree_size, acked_at: isoTime(acked_ms), ack, ...status }];
  });
  return {
    receipt: stop.statement,
    leaf: stop.digest,
    ...(ends.length === 0 ? {} : { last_grant_expires_at: isoTime(Math.max(...ends)) }),
    acknowledgements,
    waiting: deliveries.filter(({ acked_ms }) => acked_ms === null).map(({ node }) => node),
  };
}
