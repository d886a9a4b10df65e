import type { Clock } from '@causeway/kernel';
import { sha256Digest } from '@causeway/protocol';
import { canonicalJson } from '@causeway/protocol/canonical-json';
import { publishingRules } from '@causeway/records/publishing/rules';
import { scoreQuality } from '@causeway/records/quality/index';
import type { Kysely } from 'kysely';

import { qualityOf } from '../quality/repository.ts';
import type { BureauTables } from '../tables.ts';

const monthsShown = 6;
const providersMax = 50;
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
  return { pack, rules, trend };
}

/** 'YYYY-MM' of this month and those before, where the bureaus are (UTC+8). */
function lastMonths(nowMs: number): string[] {
  const now = new Date(nowMs + 8 * 3_600_000);
  return Array.from({ length: monthsShown }, (_, back) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1)).toISOString().slice(0, 7),
  );
}
