import type { PolicyDecision, PolicySet } from '@causeway/policy';
import type { Consent, Digest, Inquiry, Verified } from '@causeway/protocol';
import type { Category } from '@causeway/records';
import { askerAgainst, type Against, type Asker } from './asker.ts';
import { coverOf, notCited, type Cited } from './basis.ts';
import { groundUnseen } from './broker.ts';
import { answerableUntil, askPolicy, deny, orDeny, type Approval, type Denial } from './decision.ts';
import { stopForbids } from './stop.ts';

/**
 * A consent as the consumer service keeps it. `usesInPeriod` counts uses in the day or month of its
 * frequency.
 */
export interface ConsentFacts {
  readonly digest: Digest;
  readonly claims: Consent;
  readonly state: 'active' | 'paused' | 'revoked';
  readonly uses: number;
  readonly usesInPeriod?: number;
}

/** What redemption knows, read in its one transaction. */
export interface ConsumerFacts {
  readonly nowMs: number;
  readonly asker: Asker | undefined;
  readonly policy: PolicySet;
  /** The consent that the inquiry cites, whoever it belongs to; undefined where there is none. */
  readonly consent?: ConsentFacts | undefined;
  /** What an inquiry without a consent cites. */
  readonly cited?: Cited;
  /** True while the subject has frozen access. */
  readonly frozen: boolean;
  /**
   * The number of the freeze that the subject has opened for this asker for the time being; undefined where
   * they have not. It lets what rests on a consent through, and nothing else.
   */
  readonly openedFreeze?: number | undefined;
  /** The subject has warned that somebody may act in their name: whoever is granted must heed it. */
  readonly fraudAlert?: boolean;
  /** The inquiry has its use number already: nothing is spent. A broker's own grant outlives the deadline. */
  readonly renewal?: 'bureau' | 'broker' | undefined;
}

/** What the grants of this inquiry say, and which bureaus get one. */
export interface Redemption extends Approval {
  readonly grant: {
    /** Digest of the consent, or the code of the basis. */
    readonly ground: { readonly consent: Digest } | { readonly basis: string };
    readonly categories: readonly Category[];
    readonly obligations: readonly string[];
    readonly strength: Consent['strength'];
    readonly policy_version: string;
    /** The freeze that it is given despite. */
    readonly despite_freeze?: number;
  };
  readonly bureaus: readonly string[];
}

/**
 * Decides a redemption: policy, cover, state, freeze and uses. Who has no covering consent of its own, or
 * no basis, learns one code, whatever the cause and whoever the subject; the grantee of a covering consent
 * learns why it does not hold.
 */
export function decideAtConsumer(inquiry: Verified<Inquiry>, facts: ConsumerFacts): Redemption | Denial {
  const { policy } = facts;
  return orDeny<Redemption | Denial>(
    () => {
      const { claims } = inquiry;
      const against = askerAgainst(facts.asker, claims.iss) ?? deadlineAgainst(claims, facts);
      if (against || !facts.asker)
        return deny(policy, against ?? { code: 'member_unknown', rule: 'gate.asker' });
      const early = askPolicy(policy, claims, facts.asker, groundUnseen(claims));
      if (early.decision === 'deny') return denied(early);
      if (claims.basis) return withoutConsent(inquiry, claims.basis.code, facts, early);
      const { consent } = facts;
      if (!consent || !covers(consent, claims, facts.nowMs)) {
        return deny(policy, { code: 'not_authorised', rule: 'gate.consent.cover' });
      }
      return redeem(claims, facts, facts.asker, consent);
    },
    (against) => deny(policy, against),
  );
}

function redeem(
  claims: Inquiry,
  facts: ConsumerFacts,
  asker: Asker,
  consent: ConsentFacts,
): Redemption | Denial {
  const { policy } = facts;
  const { kind, strength, bureaus } = consent.claims;
  const subjectKind = consent.claims.grantor.role === 'legal_representative' ? 'enterprise' : undefined;
  const decided = askPolicy(policy, claims, asker, { by: 'consent', kind, strength }, subjectKind);
  if (decided.decision === 'deny')
    return deny(policy, { code: decided.code, rule: decided.rules[0] ?? 'policy' });
  const against = stateAgainst(consent, facts, decided.freeze_exempt);
  if (against) return deny(policy, against);
  const own = [`retention.${consent.claims.recipient_retention}`, ...alertOf(facts)];
  const obligations = [...decided.obligations, ...own];
  const despite = facts.frozen ? facts.openedFreeze : undefined;
  const { rules, version } = decided;
  return {
    decision: 'permit',
    rules,
    obligations,
    policyVersion: version,
    bureaus,
    grant: {
      ground: { consent: consent.digest },
      categories: claims.categories,
      obligations,
      strength,
      policy_version: version,
      ...(despite === undefined ? {} : { despite_freeze: despite }),
    },
  };
}

/**
 * On a basis no use of any consent is spent. The bureaus are those of what is cited; where its consent does
 * not name the purpose, they answer as far as the asker's own business goes.
 */
function withoutConsent(
  inquiry: Verified<Inquiry>,
  code: string,
  facts: ConsumerFacts,
  decided: Extract<PolicyDecision, { decision: 'permit' }>,
): Redemption | Denial {
  const { basis, freeze_exempt, rules, version } = decided;
  const { claims } = inquiry;
  const cover = basis && coverOf(inquiry, facts.cited, basis.cites, facts.nowMs);
  if (!cover) return deny(facts.policy, notCited);
  if (stopForbids(facts.frozen && 'frozen', freeze_exempt))
    return deny(facts.policy, { code: 'subject_frozen', rule: 'gate.subject.frozen' });
  const bound = cover.named ? [] : basis.unless_named;
  const obligations = [...decided.obligations, ...bound, ...alertOf(facts)];
  return {
    decision: 'permit',
    rules,
    obligations,
    policyVersion: version,
    bureaus: cover.bureaus,
    grant: {
      ground: { basis: code },
      categories: claims.categories,
      obligations,
      strength: cover.strength,
      policy_version: version,
    },
  };
}

const alertOf = ({ fraudAlert }: ConsumerFacts): string[] => (fraudAlert === true ? ['fraud_alert'] : []);

function denied(decided: Extract<PolicyDecision, { decision: 'deny' }>): Denial {
  const { code, rules, version: policyVersion } = decided;
  return { decision: 'deny', code, rules, policyVersion };
}

function deadlineAgainst(claims: Inquiry, facts: ConsumerFacts): Against | undefined {
  if (facts.renewal === 'broker') return undefined;
  const end = facts.renewal === 'bureau' ? answerableUntil(claims, facts.policy) : claims.deadline;
  return facts.nowMs < end * 1000 ? undefined : { code: 'deadline_passed', rule: 'gate.deadline' };
}

/** True where this consent is the asker's own and says this subject, purpose, categories, and has begun. */
function covers(consent: ConsentFacts, inquiry: Inquiry, nowMs: number): boolean {
  const { claims } = consent;
  return (
    inquiry.consent !== undefined &&
    consent.digest === inquiry.consent &&
    claims.grantee === inquiry.iss &&
    claims.subject_ref === inquiry.subject_ref &&
    claims.purposes.includes(inquiry.purpose) &&
    inquiry.categories.every((category) => claims.categories.includes(category)) &&
    nowMs >= claims.valid_from * 1000
  );
}

function stateAgainst(
  consent: ConsentFacts,
  facts: ConsumerFacts,
  freezeExempt: boolean,
): Against | undefined {
  const { claims, state, uses } = consent;
  if (state === 'revoked') return { code: 'consent_revoked', rule: 'gate.consent.revoked' };
  if (facts.nowMs >= claims.valid_until * 1000)
    return { code: 'consent_expired', rule: 'gate.consent.expired' };
  if (state === 'paused') return { code: 'consent_paused', rule: 'gate.consent.paused' };
  if (state !== 'active') return { code: 'not_authorised', rule: 'gate.consent.state' };
  if (stopForbids(facts.frozen && 'frozen', freezeExempt || facts.openedFreeze !== undefined))
    return { code: 'subject_frozen', rule: 'gate.subject.frozen' };
  if (facts.renewal !== undefined) return undefined;
  const most = claims.fetch === 'once' ? 1 : claims.max_uses;
  // A count that is not a number compares false with everything: asked this way round it refuses.
  if (!(uses < most)) return { code: 'consent_used_up', rule: 'gate.consent.uses' };
  if (claims.frequency && !((facts.consent?.usesInPeriod ?? Number.NaN) < claims.frequency.uses)) {
    return { code: 'consent_used_up', rule: 'gate.consent.frequency' };
  }
  return undefined;
}
