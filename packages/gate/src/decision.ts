import { decideRemembered, type Ground, type PolicyDecision, type PolicySet } from '@causeway/policy';
import type { ErrorCode, Inquiry } from '@causeway/protocol';
import type { Against, Asker } from './asker.ts';

/** A refusal: `rules` are the ids that decided, `policyVersion` the set they belong to. */
export interface Denial {
  readonly decision: 'deny';
  readonly code: ErrorCode;
  readonly rules: readonly string[];
  readonly policyVersion: string;
}

/** A permission to go on. It releases nothing: for that a bureau needs a Permit. */
export interface Approval {
  readonly decision: 'permit';
  readonly rules: readonly string[];
  readonly obligations: readonly string[];
  readonly policyVersion: string;
}

export function deny(policy: PolicySet, against: Against): Denial {
  return { decision: 'deny', code: against.code, rules: [against.rule], policyVersion: policy.version };
}

/** The same decision in the gate's words. */
export function fromPolicy(decided: PolicyDecision): Approval | Denial {
  const { rules, version: policyVersion } = decided;
  if (decided.decision === 'deny') return { decision: 'deny', code: decided.code, rules, policyVersion };
  return { decision: 'permit', rules, obligations: decided.obligations, policyVersion };
}

/** Asks policy about an inquiry on a ground; the same question is answered from memory. */
export function askPolicy(
  policy: PolicySet,
  inquiry: Inquiry,
  asker: Asker,
  ground: Ground,
  subjectKind?: 'person' | 'enterprise',
): PolicyDecision {
  const { purpose, categories } = inquiry;
  const known = subjectKind === undefined ? {} : { subject_kind: subjectKind };
  return decideRemembered(policy, { purpose, categories, asker, ground, ...known });
}

/**
 * The last second (since the epoch) at which an answer to this inquiry still counts: its deadline and a
 * grace.
 */
export function answerableUntil(inquiry: Pick<Inquiry, 'deadline'>, policy: PolicySet): number {
  return inquiry.deadline + policy.parameters.answer_grace_s;
}

/** Runs one decision; whatever it throws is a refusal, never a way through. */
export function orDeny<D>(decision: () => D, denied: (against: Against) => D): D {
  try {
    return decision();
  } catch {
    return denied({ code: 'not_authorised', rule: 'gate.error' });
  }
}
