/** What each component weighs in the index, in percent. The one table; docs/quality.md explains it. */
export const qualityWeights = { completeness: 30, timeliness: 25, validity: 25, consistency: 20 } as const;

export type QualityComponent = keyof typeof qualityWeights;

/**
 * Points of a record by the days from the day its facts were true to the day they came: at most so many days,
 * so many points. Later than all of them, none.
 */
export const timelyPoints: ReadonlyMap<number, number> = new Map([
  [3, 100],
  [10, 90],
  [15, 75],
  [31, 50],
  [62, 20],
]);

export const timelyDays: readonly number[] = [...timelyPoints.keys()];
