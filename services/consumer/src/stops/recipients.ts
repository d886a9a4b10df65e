import { limits } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import type { Transaction } from 'kysely';
import type { Consumer } from '../consumer.ts';
import type { ConsumerTables } from '../tables.ts';

/** A node that must learn of a stop. */
export interface Recipient {
  readonly node: string;
  /** The call waits for its ack: it is a broker, or it may still release under a grant. */
  readonly awaited: boolean;
  /** When its last grant ends, where that has not been yet. Milliseconds since the epoch. */
  readonly live_until_ms: number | null;
}

/** A clock may be two seconds off at each end: until then a grant may still be live where it is held. */
export const graceMs = 4000;

/**
 * Whom a stop concerns: the brokers, who ever held a grant of the subject (under the consent, where it is
 * about one), and the bureaus that the consent names.
 */
export async function recipientsOf(
  trx: Transaction<ConsumerTables>,
  consumer: Pick<Consumer, 'directory'>,
  stop: { refs: readonly string[]; consent?: { digest: string; bureaus: readonly string[] }; nowMs: number },
): Promise<Recipient[]> {
  const { consent, nowMs, refs } = stop;
  const brokers = activeBrokers(consumer);
  const expiries = await grantEnds(trx, refs, consent?.digest);
  const nodes = new Set([...brokers, ...expiries.keys(), ...(consent?.bureaus ?? [])]);
  return [...nodes].toSorted().map((node) => {
    const end = expiries.get(node) ?? 0;
    const live = end + graceMs > nowMs;
    return { node, awaited: live || brokers.includes(node), live_until_ms: live ? end : null };
  });
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

/** When each node's last grant ends or ended. */
async function grantEnds(
  trx: Transaction<ConsumerTables>,
  refs: readonly string[],
  consent: string | undefined,
): Promise<Map<string, number>> {
  const all = trx
    .selectFrom('grant_holder')
    .select(({ fn }) => ['node', fn.max('expires_ms').as('end')])
    .where('subject_ref', 'in', refs);
  const under = consent === undefined ? all : all.where('consent', '=', consent);
  const rows = await under.groupBy('node').execute();
  return new Map(rows.map(({ end, node }) => [node, end]));
}

/** Nodes that one statement can address; to others it is signed anew. */
export const addressedMax = limits.bureausMax + 2;
