import { decideAtBroker } from '@causeway/gate';
import {
  CausewayError,
  verify,
  type DirectoryView,
  type ErrorCode,
  type Inquiry,
  type Verified,
} from '@causeway/protocol';
import { NATIONAL_POLICY } from '@causeway/policy';

import { standingKeys } from '@causeway/protocol/standing-keys';

/** What the broker makes of an inquiry at the door; the signature has verified in all three cases. */
export type Judgement =
  | { readonly verdict: 'accept'; readonly inquiry: Verified<Inquiry> }
  | { readonly verdict: 'refuse'; readonly inquiry: Verified<Inquiry>; readonly refusal: Reason }
  /** Too old to be accepted; if it was accepted before, the recorded answer still stands. */
  | { readonly verdict: 'repeat_only'; readonly inquiry: Verified<Inquiry>; readonly error: CausewayError };

export interface Reason {
  readonly code: ErrorCode;
  readonly rules: readonly string[];
  readonly policyVersion: string;
}

interface Door {
  readonly fed: string;
  readonly me: string;
  readonly view: DirectoryView;
  readonly nowMs: number;
}

/**
 * Verifies a received inquiry and decides whether it may come in. A policy refusal and a statement signed by
 * a revoked key of a known member are judgements, because the subject's history must show them; every other
 * fault throws.
 * @throws CausewayError
 */
export function judge(jws: string, door: Door): Judgement {
  const first = firstReceipt(jws, door);
  if (first.verdict !== 'accept') return first;
  const { claims } = first.inquiry;
  requireOffered(claims);
  const asker = door.view.member(claims.iss);
  if (asker === undefined) throw new CausewayError('member_unknown', { pointer: '/iss' });
  const decision = decideAtBroker(first.inquiry, { nowMs: door.nowMs, asker, policy: NATIONAL_POLICY });
  if (decision.decision === 'permit') return first;
  const { code, rules, policyVersion } = decision;
  return { verdict: 'refuse', inquiry: first.inquiry, refusal: { code, rules, policyVersion } };
}

function firstReceipt(jws: string, door: Door): Judgement {
  const context = { fed: door.fed, nowMs: door.nowMs, audience: door.me, keys: door.view.keys };
  try {
    return { verdict: 'accept', inquiry: verify('inquiry', jws, { ...context, received: 'first' }) };
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error;
    if (error.code === 'key_revoked') {
      // Everything else about it must be in order, else anybody could write into histories with old material.
      const keys = standingKeys(door.view.keys);
      const inquiry = verify('inquiry', jws, { ...context, keys, received: 'first' });
      if (door.view.member(inquiry.claims.iss)?.status !== 'active')
        throw new CausewayError('member_suspended');
      return { verdict: 'refuse', inquiry, refusal: keyRevoked };
    }
    if (error.code !== 'time_window') throw error;
    return {
      verdict: 'repeat_only',
      inquiry: verify('inquiry', jws, { ...context, received: 'forwarded' }),
      error,
    };
  }
}

const keyRevoked: Reason = {
  code: 'key_revoked',
  rules: ['broker.key_revoked'],
  policyVersion: NATIONAL_POLICY.version,
};

function requireOffered(claims: Inquiry): void {
  if (claims.profile !== 'report') {
    throw new CausewayError('bad_request', {
      detail: 'This broker offers the profile report.',
      pointer: '/profile',
    });
  }
  if (claims.delivery !== 'merged') {
    throw new CausewayError('bad_request', {
      detail: 'This broker offers merged delivery.',
      pointer: '/delivery',
    });
  }
}
