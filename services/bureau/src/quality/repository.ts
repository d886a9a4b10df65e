import type { QualityCounts } from '@causeway/records/quality/index';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type pg from 'pg';

import type { BureauTables } from '../tables.ts';

/** What some lines of one provider add to its counts of a month, 'YYYY-MM'. */
export interface QualityGain {
  readonly provider: string;
  readonly month: string;
  readonly counts: QualityCounts;
}

/**
 * Adds to the counts, in the transaction that takes the lines. In the order of the counters, so that batches
 * of one provider wait for each other in one direction only.
 */
export async function addQuality(client: pg.ClientBase, gain: QualityGain): Promise<void> {
  if (gain.counts.size === 0) return;
  const counters = [...gain.counts.keys()].toSorted();
  await client.query({
    name: 'add_quality',
    text: `INSERT INTO quality_count (provider, month, counter, n)
      SELECT $1, $2, counter, n FROM unnest($3::text[], $4::bigint[]) AS gained (counter, n)
      ON CONFLICT (provider, month, counter) DO UPDATE SET n = quality_count.n + excluded.n`,
    values: [gain.provider, gain.month, counters, counters.map((name) => gain.counts.get(name))],
  });
}

/** The counts of a month by provider, in their order: of one provider, or of at most `limit` after one. */
export async function qualityOf(
  db: Kysely<BureauTables>,
  month: string,
  which: { readonly provider?: string; readonly after: string; readonly limit: number },
): Promise<Map<string, QualityCounts>> {
  const { rows } = await sql<{ provider: string; counter: string; n: number }>`
    SELECT provider, counter, n FROM quality_count
    WHERE month = ${month} AND provider IN (
      SELECT DISTINCT provider FROM quality_count
      WHERE month = ${month} AND provider > ${which.after}
        AND (${which.provider ?? null}::text IS NULL OR provider = ${which.provider ?? null})
      ORDER BY provider LIMIT ${which.limit})
    ORDER BY provider, counter`.execute(db);
  const found = new Map<string, Map<string, number>>();
  for (const { provider, counter, n } of rows) {
    const counts = found.get(provider) ?? new Map<string, number>();
    found.set(provider, counts.set(counter, n));
  }
  return found;
}
