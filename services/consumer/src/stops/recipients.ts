import { limits } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import { sql, type Transaction } from 'kysely';
import type { Consumer } from '../consumer.ts';
import type { ConsumerTables } from '../tables.ts';
import { everyNode } from './every-node.ts';

/** A node that must learn of a stop. */
export interface Recipient {
  readonly node: string;
  /** The call waits for its ack: it is a broker, or it may still release under a grant. */
  readonly awaited: boolean;
  /** When its last grant ends, where that has not been yet. Milliseconds since the epoch. */
  readonly live_until_ms: number | null;
  /** The same, of the grants that the subject is shown. */
  readonly told_until_ms: number | null;
  /** Where only grants that the subject is not shown yet make it one: until when. */
  readonly shown_from_ms: number | null;
}

/** A clock may be two seconds off at each end: until then a grant may still be live where it is held. */
export const graceMs = 4000;

/** What is stopped or resumed, as far as it decides whom that concerns. */
interface Stopped {
  readonly refs: readonly string[];
  readonly consent?: { readonly digest: string; readonly bureaus: readonly string[] };
  readonly freeze: string | null;
  /** It begins or ends what stands for an erasure, which every node takes part in. */
  readonly everywhere: boolean;
  readonly nowMs: number;
}

/**
 * Whom a stop concerns: the brokers, who ever held a grant of the subject (under the consent, where it is
 * about one), the bureaus that the consent names, and who was told of the freeze before.
 */
export async function recipientsOf(
  trx: Transaction<ConsumerTables>,
  consumer: Pick<Consumer, 'directory'>,
  { consent, everywhere, freeze, nowMs, refs }: Stopped,
): Promise<Recipient[]> {
  const brokers = activeBrokers(consumer);
  const all = everywhere ? (everyNode(consumer) ?? []) : [];
  const open = new Set([
    ...brokers,
    ...(consent?.bureaus ?? []),
    ...all,
    ...(await toldOf(trx, refs, freeze)),
  ]);
  const grants = await grantEnds(trx, { refs, nowMs }, consent?.digest);
  return [...new Set([...open, ...grants.keys()])].toSorted().map((node) => {
    const { end, from, shown } = grants.get(node) ?? { end: 0, from: null, shown: 0 };
    const [live, told] = [end, shown].map((ms) => (ms + graceMs > nowMs ? ms : null));
    const known = shown > 0 || open.has(node);
    return {
      ...{ node, awaited: live !== null || brokers.includes(node) },
      ...{ live_until_ms: live ?? null, told_until_ms: told ?? null, shown_from_ms: known ? null : from },
    };
  });
}

/** Who was told of this freeze, as the subject may know: whoever froze must thaw. */
async function toldOf(
  trx: Transaction<ConsumerTables>,
  refs: readonly string[],
  freeze: string | null,
): Promise<string[]> {
  if (freeze === null) return [];
  const rows = await trx
    .selectFrom('stop')
    .innerJoin('status_delivery', (join) =>
      join
        .onRef('status_delivery.subject_ref', '=', 'stop.subject_ref')
        .onRef('status_delivery.sequence', '=', 'stop.sequence'),
    )
    .select('node')
    .distinct()
    .where('stop.subject_ref', 'in', refs)
    .where('freeze_id', '=', freeze)
    .where('shown_from_ms', 'is', null)
    .execute();
  return rows.map(({ node }) => node);
}

/** Without a directory in force nothing is released; stopping works all the same. */
function activeBrokers({ directory }: Pick<Consumer, 'directory'>): string[] {
  try {
    const brokers = directory().membersWith('broker');
    return brokers.flatMap(({ id, status }) => (status === 'active' ? id : []));
  } catch (error) {
    if (error instanceof CausewayError && error.code === 'not_ready') return [];
    throw error;
  }
}

interface GrantEnds {
  readonly end: number;
  /** Of grants that the subject is shown; 0 where there is none. */
  readonly shown: number;
  /** From when on they are shown all of them. */
  readonly from: number | null;
}

/** When each node's last grant ends or ended. */
async function grantEnds(
  trx: Transaction<ConsumerTables>,
  { nowMs, refs }: { readonly refs: readonly string[]; readonly nowMs: number },
  consent: string | undefined,
): Promise<Map<string, GrantEnds>> {
  const { rows } = await sql<GrantEnds & { node: string }>`
    SELECT node, max(expires_ms) AS end, max(late.shown_from_ms) AS from,
      coalesce(max(expires_ms) FILTER (WHERE late.shown_from_ms IS NULL), 0) AS shown
    FROM grant_holder AS held LEFT JOIN LATERAL (
      SELECT shown_from_ms FROM access
      WHERE access.subject_ref = held.subject_ref AND access.inquiry = held.inquiry
        AND shown_from_ms > ${nowMs}::bigint LIMIT 1) AS late ON true
    WHERE held.subject_ref = ANY (${[...refs]}::text[])
      AND (${consent ?? null}::text IS NULL OR held.consent = ${consent ?? null}::text)
    GROUP BY node`.execute(trx);
  return new Map(rows.map(({ node, ...ends }) => [node, ends]));
}

/** Nodes that one statement can address; to others it is signed anew. */
export const addressedMax = limits.bureausMax + 2;
