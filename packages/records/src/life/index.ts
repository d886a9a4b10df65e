export { faceAt, stampOf, withMarks, type DisplayState, type Mark, type Stamp } from './face.ts';
export { earliestDate } from './retention.ts';
export { lifeRulesOf } from './rule-layers.ts';
export type { LifeRules } from './rules.ts';
