import type { Federation } from '@causeway/sandbox/federation';
import { queryDatabase } from './rows.ts';

interface Delay {
  /** Leaves that were measured, and those that no checkpoint covers. */
  readonly leaves: number;
  readonly unmerged: number;
  /** The 99.9th percentile in milliseconds, from a statement to the signed checkpoint that holds it. */
  readonly signedMs: number;
  /** The same to the checkpoint that counts; its second is the witness's. */
  readonly countedMs: number | null;
}

/** How long the statements of a node have waited for their place in a tree, and for witnesses to see it. */
export async function mergeDelay(federation: Federation, member: string): Promise<Delay> {
  const text = `
    SELECT count(*)::int AS leaves, count(*) FILTER (WHERE c.at_ms IS NULL)::int AS unmerged,
      percentile_disc(0.999) WITHIN GROUP (ORDER BY c.at_ms - l.at_ms)::float8 AS "signedMs",
      percentile_disc(0.999) WITHIN GROUP (ORDER BY w.at_ms - l.at_ms)::float8 AS "countedMs"
    FROM leaf l
    LEFT JOIN LATERAL (
      SELECT at_ms FROM ledger_checkpoint WHERE size > l.idx ORDER BY size LIMIT 1) c ON true
    LEFT JOIN LATERAL (
      SELECT max(cosigned_at) * 1000 AS at_ms FROM ledger_cosignature WHERE size > l.idx
      GROUP BY size HAVING count(*) >= 2 ORDER BY size LIMIT 1) w ON true`;
  const [delay] = await queryDatabase<{ [K in keyof Delay]: Delay[K] }>(federation, member, text);
  if (!delay) throw new Error('an aggregate has one row');
  return delay;
}
