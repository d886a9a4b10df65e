/** Why a person disputes an item. */
export const disputeReasons = [
  'not_mine',
  'wrong_amount',
  'wrong_status',
  'already_paid',
  'out_of_date',
  'reported_twice',
  'no_consent',
  'other',
] as const;

export type DisputeReason = (typeof disputeReasons)[number];

/**
 * Why a bureau does not take a dispute. `no_such_item`: it holds no such item of this person, whoever else's
 * it may be. `elsewhere`: its items are in a system that this bureau only asks; no bureau says so any more,
 * and statements of before that do stay readable.
 */
export const rejectionReasons = ['no_such_item', 'already_open', 'elsewhere'] as const;

export type RejectionReason = (typeof rejectionReasons)[number];

/** Why a clock stands still. */
export const stopReasons = ['expert_test', 'person_absent', 'court'] as const;

export type StopReason = (typeof stopReasons)[number];

/** How a dispute ends. */
export const outcomes = ['corrected', 'deleted', 'unfounded', 'undetermined', 'withdrawn'] as const;

export type Outcome = (typeof outcomes)[number];

/** What happens to a dispute, one after the other. */
export const disputeEvents = [
  ...(['accept', 'reject', 'mark', 'forward', 'answer', 'resolve', 'lapse', 'withdraw', 'notify'] as const),
  ...(['close', 'extend', 'stop', 'resume'] as const),
] as const;

export type DisputeEventKind = (typeof disputeEvents)[number];
