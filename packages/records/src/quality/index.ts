export { scoreQuality, type QualityScore } from './score.ts';
export { QualityTally, type QualityCounts } from './tally.ts';
export { qualityWeights } from './weights.ts';
