import type { Digest } from '@causeway/protocol';
import type { Category } from '@causeway/records';

/** What a permit allows: this answer, by this bureau, to this lender, within these categories. */
interface PermitParts {
  readonly inquiry: Digest;
  readonly use: number;
  readonly bureau: string;
  readonly lender: string;
  readonly subjectRef: string;
  readonly categories: readonly Category[];
  readonly obligations: readonly string[];
  readonly grantDigest: Digest;
  readonly policyVersion: string;
  /** The grant's exp, in ms since the epoch: at that instant the permit is over. */
  readonly expiresAtMs: number;
}

/** The two clocks at one moment: wall time since the epoch, and one that never steps. */
export interface Moment {
  readonly nowMs: number;
  readonly monotonicMs: number;
}

/**
 * Not exported as a value: the private member makes the type one that no object literal and no copy can have.
 */
class GatePermit implements PermitParts {
  readonly inquiry: Digest;
  readonly use: number;
  readonly bureau: string;
  readonly lender: string;
  readonly subjectRef: string;
  readonly categories: readonly Category[];
  readonly obligations: readonly string[];
  readonly grantDigest: Digest;
  readonly policyVersion: string;
  readonly expiresAtMs: number;
  readonly #monotonicEndMs: number;

  constructor(parts: PermitParts, at: Moment) {
    this.inquiry = parts.inquiry;
    this.use = parts.use;
    this.bureau = parts.bureau;
    this.lender = parts.lender;
    this.subjectRef = parts.subjectRef;
    this.categories = Object.freeze([...parts.categories]);
    this.obligations = Object.freeze([...parts.obligations]);
    this.grantDigest = parts.grantDigest;
    this.policyVersion = parts.policyVersion;
    this.expiresAtMs = parts.expiresAtMs;
    this.#monotonicEndMs = at.monotonicMs + (parts.expiresAtMs - at.nowMs);
    Object.freeze(this);
  }

  static stands(permit: unknown, at: Moment): boolean {
    if (typeof permit !== 'object' || permit === null || !(#monotonicEndMs in permit)) return false;
    return at.nowMs < permit.expiresAtMs && at.monotonicMs < permit.#monotonicEndMs;
  }
}

/** The proof that the gate let this answer out. A function that reveals credit data asks for one. */
export type Permit = GatePermit;

/** Only the gate calls this, after every check. */
export function issuePermit(parts: PermitParts, at: Moment): Permit {
  return new GatePermit(parts, at);
}

/**
 * True for a permit of the gate that has not ended by either clock: to be asked immediately before the first
 * byte. A copy, a cast or anything else is no permit.
 */
export function permitStands(permit: Permit, at: Moment): boolean {
  return GatePermit.stands(permit, at);
}
