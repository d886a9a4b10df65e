import type { Clock } from '@causeway/kernel';
import { sha256Digest } from '@causeway/protocol';
import { canonicalJson } from '@causeway/protocol/canonical-json';
import { publishingRules } from '@causeway/records/publishing/rules';
import { scoreQuality } from '@causeway/records/quality/index';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';

import { qualityOf } from '../quality/repository.ts';
import type { BureauTables } from '../tables.ts';

const monthsShown = 6;
const providersMax = 50;
const batchesShown = 12;
/** Which rules these are: the same ones have the same digest at every bureau. */
const pack = sha256Digest(canonicalJson(publishingRules));

/** The rules by which files are taken, and how good what came was, month by month. */
export async function rulesView({ clock, db }: { db: Kysely<BureauTables>; clock: Clock }) {
  const months = lastMonths(clock.now());
  const trend = [];
  for (const month of months) {
    const found = await qualityOf(db, month, { after: '', limit: providersMax });
    trend.push(...[...found].map(([provider, counts]) => ({ month, provider, ...scoreQuality(counts) })));
  }
  const rules = Object.entries(publishingRules).map(([id, rule]) => ({ id, ...rule }));
  return { pack, rules, trend, batches: await lastBatches(db) };
}

/** The last batches, the oldest first, and how often each rule spoke in them. */
async function lastBatches(db: Kysely<BureauTables>) {
  const { rows } = await sql<{ name: string; started_ms: number; lines: number; rules: object | null }>`
    WITH last AS (
      SELECT digest, mapping, started_ms, lines, id FROM batch ORDER BY id DESC LIMIT ${batchesShown})
    SELECT mapping.body::jsonb ->> 'name' AS name, last.started_ms, last.lines, (
      SELECT jsonb_object_agg(rule, n) FROM (
        SELECT rule, count(*)::int AS n FROM (
          SELECT rule FROM rejection WHERE batch = last.digest AND rejection.mapping = last.mapping
          UNION ALL
          SELECT rule FROM batch_warning WHERE batch = last.digest AND batch_warning.mapping = last.mapping
        ) AS spoke GROUP BY rule) AS counted) AS rules
    FROM last JOIN mapping ON mapping.digest = last.mapping ORDER BY last.id`.execute(db);
  return rows.map(({ lines, name, rules, started_ms }) => ({
    ...{ mapping_name: name, started_at: new Date(started_ms).toISOString(), lines, rules: rules ?? {} },
  }));
}

/** 'YYYY-MM' of this month and those before, where the bureaus are (UTC+8). */
function lastMonths(nowMs: number): string[] {
  const now = new Date(nowMs + 8 * 3_600_000);
  return Array.from({ length: monthsShown }, (_, back) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1)).toISOString().slice(0, 7),
  );
}
