export { clockRulesOf, type ClockRules, type Expiry } from './clock-rules.ts';
export { expiries, nextDueMs, type DisputeClock } from './clocks.ts';
export {
  disputeEvents,
  disputeReasons,
  outcomes,
  rejectionReasons,
  stopReasons,
  type DisputeReason,
  type Outcome,
  type RejectionReason,
} from './codes.ts';
export {
  isOver,
  isUnderWay,
  mayApprove,
  moveDispute,
  receivedDispute,
  type Dispute,
  type DisputeEvent,
  type DisputeState,
} from './state-machine.ts';
export { wordsOf, type Words } from './words.ts';
