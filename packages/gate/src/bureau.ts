import type { Ground, PolicySet } from '@causeway/policy';
import {
  linkGrant,
  type Digest,
  type ErrorCode,
  type Grant,
  type Inquiry,
  type Verified,
} from '@causeway/protocol';
import { askerAgainst, type Against, type Asker } from './asker.ts';
import { answerableUntil, askPolicy, orDeny } from './decision.ts';
import { issuePermit, type Moment, type Permit } from './permit.ts';
import { opensFreeze, stopForbids, type Stop } from './stop.ts';

/**
 * What a bureau knows when it decides. `peer` is the member of the mTLS connection, `stopped` what its status
 * barrier says: false where it has no stop, `true` for one of which nothing more is known.
 */
export interface BureauFacts extends Moment {
  readonly me: string;
  readonly peer: string;
  readonly asker: Asker | undefined;
  readonly policy: PolicySet;
  readonly stopped: boolean | Stop;
  /** The number of the status that brought the stop. */
  readonly stoppedBy?: number | undefined;
  readonly directoryVersion: number;
  /** The assertion that came with the inquiry, where it holds under a passkey pinned here. */
  readonly asserted?: Asserted | undefined;
}

/** That the passkey of an enrolment, which is of this subject, has signed this inquiry. */
export interface Asserted {
  readonly enrolment: Digest;
  readonly inquiry: Digest;
  readonly subjectRef: string;
}

export interface BureauRefusal {
  readonly code: ErrorCode;
  readonly rules: readonly string[];
  readonly policyVersion: string;
}

/**
 * The bureau's own decision under its own policy in force, never wider than the grant. Both statements have
 * been verified; here they must belong together, to this bureau, to this connection, and to this moment.
 */
export function decideAtBureau(
  inquiry: Verified<Inquiry>,
  grant: Verified<Grant>,
  facts: BureauFacts,
): { readonly permit: Permit } | { readonly refusal: BureauRefusal } {
  const refuse = ({ code, rule }: Against) => ({
    refusal: { code, rules: [rule], policyVersion: facts.policy.version },
  });
  return orDeny<{ permit: Permit } | { refusal: BureauRefusal }>(() => {
    const against =
      linkAgainst(inquiry, grant, facts) ??
      askerAgainst(facts.asker, inquiry.claims.iss) ??
      timeAgainst(inquiry.claims, grant.claims, facts);
    if (against || !facts.asker) return refuse(against ?? { code: 'member_unknown', rule: 'gate.asker' });
    const decided = askPolicy(facts.policy, inquiry.claims, facts.asker, groundOf(grant.claims));
    if (decided.decision === 'deny')
      return refuse({ code: decided.code, rule: decided.rules[0] ?? 'policy' });
    if (decided.basis?.cites === 'assertion' && !isAsserted(inquiry, facts.asserted))
      return refuse({ code: 'assertion_invalid', rule: 'gate.link.assertion' });
    const exempt = decided.freeze_exempt || opensFreeze(grant.claims, facts.stoppedBy);
    if (stopForbids(facts.stopped, exempt))
      return refuse({ code: 'not_authorised', rule: 'gate.status.stopped' });
    return { permit: permitFor(inquiry.digest, inquiry.claims, grant, facts, decided.obligations) };
  }, refuse);
}

/** The reason against two statements that do not belong together, to this bureau, or to this connection. */
function linkAgainst(
  inquiry: Verified<Inquiry>,
  grant: Verified<Grant>,
  facts: BureauFacts,
): Against | undefined {
  const [asked, granted] = [inquiry.claims, grant.claims];
  const links: readonly (readonly [boolean, string, ErrorCode])[] = [
    [inquiry.type === 'inquiry' && grant.type === 'grant', 'gate.link.type', 'statement_type'],
    [granted.aud === facts.me, 'gate.link.audience', 'audience_mismatch'],
    [granted.presenter === facts.peer, 'gate.link.presenter', 'identity_mismatch'],
    [asked.aud === facts.peer, 'gate.link.broker', 'identity_mismatch'],
    [granted.categories.length > 0, 'gate.link.no_category', 'category_not_permitted'],
  ];
  const broken = links.find(([holds]) => !holds);
  if (broken) return { rule: broken[1], code: broken[2] };
  try {
    linkGrant(inquiry, grant);
    return undefined;
  } catch {
    return { rule: 'gate.link.statements', code: 'link_mismatch' };
  }
}

/** Whatever the consumer service granted: nobody gets a person's own report without the person's passkey. */
function isAsserted({ claims, digest }: Verified<Inquiry>, asserted: Asserted | undefined): boolean {
  return (
    asserted !== undefined &&
    asserted.enrolment === claims.basis?.cited &&
    asserted.inquiry === digest &&
    asserted.subjectRef === claims.subject_ref
  );
}

function timeAgainst(inquiry: Inquiry, grant: Grant, facts: BureauFacts): Against | undefined {
  if (!(facts.directoryVersion >= grant.directory_version))
    return { code: 'not_ready', rule: 'gate.directory.behind' };
  if (!(facts.nowMs < grant.exp * 1000)) return { code: 'expired', rule: 'gate.grant.expired' };
  if (facts.nowMs < answerableUntil(inquiry, facts.policy) * 1000) return undefined;
  return { code: 'deadline_passed', rule: 'gate.deadline' };
}

/** A grant under a consent is one for queries: the consumer service has no other kind to redeem. */
function groundOf(grant: Grant): Ground {
  if (grant.basis !== undefined) return { by: 'basis', code: grant.basis };
  return { by: 'consent', kind: 'query', strength: grant.strength };
}

function permitFor(
  inquiry: Digest,
  asked: Inquiry,
  grant: Verified<Grant>,
  facts: BureauFacts,
  obligations: readonly string[],
): Permit {
  const { claims, digest } = grant;
  return issuePermit(
    {
      inquiry,
      use: claims.use,
      bureau: facts.me,
      lender: asked.iss,
      subjectRef: asked.subject_ref,
      categories: claims.categories,
      obligations: [...new Set([...obligations, ...claims.obligations])].toSorted(),
      grantDigest: digest,
      policyVersion: facts.policy.version,
      expiresAtMs: claims.exp * 1000,
    },
    { nowMs: facts.nowMs, monotonicMs: facts.monotonicMs },
  );
}
