export { decide, type Ground, type PolicyCode, type PolicyDecision, type PolicyRequest } from './decide.ts';

export { decideRemembered } from './memo.ts';
export { embargoesOf, historyTerms, type Embargo, type HistoryTerms } from './history-terms.ts';
export { policyText } from './text.ts';
export { keptSince, keptUntil, type KeptFrom, type KeptKind, type KeptUntil } from './retention.ts';
export { NATIONAL_POLICY } from './national.ts';
export {
  PolicySetSchema,
  readPolicySet,
  type PolicySet,
  type PurposeRule,
  type Strength,
} from './policy-set.ts';
