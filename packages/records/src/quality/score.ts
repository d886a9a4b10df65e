import type { QualityCounts } from './tally.ts';
import { qualityWeights, timelyPoints } from './weights.ts';
import type { QualityComponent } from './weights.ts';

/** From 0 to 100, one decimal; null where nothing was counted that it could be computed from. */
export type Points = number | null;

export interface QualityScore {
  readonly index: Points;
  readonly components: Readonly<Record<QualityComponent, Points>>;
  /** Lines that were not taken, by the rule that they broke. */
  readonly rejects: Readonly<Record<string, number>>;
  /** Records that broke a rule of consistency, by rule. */
  readonly broken: Readonly<Record<string, number>>;
}

/** The index of data quality, by the formula of docs/quality.md. Total: any counts have a score. */
export function scoreQuality(counts: QualityCounts): QualityScore {
  const { broken, checked, expected, present, rejected, timely } = sums(counts);
  const lines = counts.get('lines') ?? 0;
  const exact: Record<QualityComponent, Points> = {
    completeness: share(present, expected),
    timeliness: timely === 0 ? null : pointsOf(counts) / timely,
    validity: share(lines - rejected, lines),
    consistency: share(checked - broken, checked),
  };
  return {
    index: shown(weighted(exact)),
    components: {
      completeness: shown(exact.completeness),
      timeliness: shown(exact.timeliness),
      validity: shown(exact.validity),
      consistency: shown(exact.consistency),
    },
    rejects: byName(counts, 'rejected.'),
    broken: byName(counts, 'broken.'),
  };
}

const families = ['broken', 'checked', 'expected', 'present', 'rejected', 'timely'] as const;

function sums(counts: QualityCounts): Record<(typeof families)[number], number> {
  const found = { broken: 0, checked: 0, expected: 0, present: 0, rejected: 0, timely: 0 };
  for (const [name, n] of counts) {
    const family = families.find((each) => name.startsWith(`${each}.`));
    if (family !== undefined) found[family] += n;
  }
  return found;
}

/** A part of a whole in percent; a part larger than its whole counts as all of it. */
const share = (part: number, whole: number): Points =>
  whole > 0 ? (100 * Math.min(Math.max(part, 0), whole)) / whole : null;

function pointsOf(counts: QualityCounts): number {
  let sum = 0;
  for (const [days, points] of timelyPoints) sum += points * (counts.get(`timely.${days}`) ?? 0);
  return sum;
}

/** The mean by weight of those components that there are. */
function weighted(components: Readonly<Record<QualityComponent, Points>>): Points {
  let [sum, weight] = [0, 0];
  for (const name of Object.keys(qualityWeights) as QualityComponent[]) {
    const points = components[name];
    if (points === null) continue;
    sum += points * qualityWeights[name];
    weight += qualityWeights[name];
  }
  return weight === 0 ? null : sum / weight;
}

const shown = (points: Points): Points => (points === null ? null : Math.round(points * 10) / 10);

function byName(counts: QualityCounts, prefix: string): Record<string, number> {
  const names = [...counts.keys()].filter((name) => name.startsWith(prefix)).toSorted();
  return Object.fromEntries(names.map((name) => [name.slice(prefix.length), counts.get(name) ?? 0]));
}
