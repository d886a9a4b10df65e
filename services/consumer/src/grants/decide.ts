import {
  decideAtConsumer,
  type Cited,
  type ConsentFacts,
  type ConsumerFacts,
  type Denial,
  type Redemption,
} from '@causeway/gate';
import { CausewayError, type DirectoryView, type PasskeyProof } from '@causeway/protocol';
import type { Consumer } from '../consumer.ts';
import type { Asked } from './asked.ts';
import { consentName, type ItemFacts, type LockedConsent } from './facts.ts';
import { planGrants } from './issue.ts';
import { nodesFor } from './nodes.ts';
import type { Plan } from './plan.ts';
import { planDenial, type RefusedItem } from './refuse.ts';

/** Of a subject who is to be erased nothing but storage is left, whatever for (PIPL, article 47). */
const restriction = ({ policy }: Consumer): Denial => ({
  ...{ decision: 'deny', code: 'subject_frozen', rules: ['erasure.restricted'] },
  policyVersion: policy.version,
});

interface GrantedItem {
  readonly use: number;
  readonly grants: string[];
  /** The consent, where there is one. */
  readonly consent?: string;
  /** By what a passkey has agreed to it, or signed the inquiry itself, for the bureaus to verify. */
  readonly passkey?: PasskeyProof;
}

export type Decided = GrantedItem | RefusedItem;

/** One item with all that is known about it, and the plan that it adds to. */
export interface Case {
  readonly asked: Asked;
  readonly view: DirectoryView;
  readonly consent: LockedConsent | undefined;
  readonly facts: ItemFacts;
  /** Uses in the current day or month, of consents that have a frequency, before this batch. */
  readonly inPeriod: ReadonlyMap<string, number>;
  readonly plan: Plan;
}

/**
 * Decides one item in memory and adds what it writes to the plan. Throws where no decision about the
 * subject is due: then nothing is added.
 */
export function decideItem(consumer: Consumer, on: Case): Decided {
  const { claims } = on.asked.inquiry;
  const { refused, restricted } = on.facts;
  if (restricted && !refused)
    return planDenial(consumer, on, { denial: restriction(consumer), use: on.facts.use });
  if (on.facts.use !== undefined) return renew(consumer, on, on.facts.use);
  if (refused) return { refusal: refused.statement, code: refused.code };
  if (consumer.clock.now() >= claims.exp * 1000) throw new CausewayError('expired', { pointer: '/exp' });
  const decision = decideAtConsumer(on.asked.inquiry, consumerFacts(consumer, on, undefined));
  if (decision.decision === 'deny') return deny(consumer, on, decision, undefined);
  const use = nextUse(on);
  const granted = grant(consumer, on, { decision, nodes: nodesOf(on, decision), use });
  spend(consumer, on, use);
  return granted;
}

/**
 * Grants for an inquiry that has its use: nothing is spent. Bureaus get them until the grace after the
 * deadline is over, the broker as long as the consent or the basis stands.
 */
function renew(consumer: Consumer, on: Case, use: number): Decided {
  const facts = consumerFacts(consumer, on, 'broker');
  const { inquiry, presenter } = on.asked;
  const decision = decideAtConsumer(inquiry, facts);
  if (decision.decision === 'deny') return deny(consumer, on, decision, use);
  const nodes = nodesOf(on, decision);
  const forBureaus = decideAtConsumer(inquiry, { ...facts, renewal: 'bureau' });
  const open = forBureaus.decision === 'permit' ? nodes : nodes.filter((node) => node === presenter);
  if (open.length === 0) throw new CausewayError('deadline_passed');
  return grant(consumer, on, { decision, nodes: open, use });
}

const nodesOf = ({ asked, view }: Case, { bureaus }: Redemption): string[] =>
  nodesFor(asked.nodes, { bureaus, presenter: asked.presenter }, view);

function grant(
  consumer: Consumer,
  on: Case,
  granted: { decision: Redemption; nodes: readonly string[]; use: number },
): GrantedItem {
  const { decision, nodes, use } = granted;
  const grants = planGrants(consumer, on, { grant: decision.grant, nodes, use });
  const { asserted } = on.facts;
  if (on.consent === undefined) return { use, grants, ...(asserted && { passkey: asserted.proof }) };
  const { passkey, statement } = on.consent.opened;
  return { use, grants, consent: statement, ...(passkey === undefined ? {} : { passkey }) };
}

function deny(consumer: Consumer, on: Case, denial: Denial, use: number | undefined): RefusedItem {
  // A denial of a use that was denied before is the one that was recorded then.
  const { refused } = on.facts;
  if (refused) return { refusal: refused.statement, code: refused.code };
  return planDenial(consumer, on, { denial, use });
}

/**
 * The next use of the consent, or of what the basis cites. Two inquiries of one batch get two, because the
 * plan counts; two batches, because the consent's row and the cited digest are locked.
 */
function nextUse({ asked, consent, facts, plan }: Case): number {
  const { basis, consent: digest, subject_ref } = asked.inquiry.claims;
  if (basis !== undefined)
    return (plan.basisUses.get(consentName(subject_ref, basis.cited)) ?? facts.citedUses) + 1;
  if (digest === undefined || consent === undefined) throw new RangeError('granted without a ground');
  return usesSoFar(plan, subject_ref, digest, consent) + 1;
}

/** Spends it on this inquiry, for good. */
function spend({ clock }: Consumer, { asked, plan }: Case, use: number): void {
  const { digest: inquiry, claims } = asked.inquiry;
  const { basis, consent, iss: lender, subject_ref } = claims;
  const at_ms = clock.now();
  if (basis !== undefined) {
    plan.basisUses.set(consentName(subject_ref, basis.cited), use);
    plan.based.push({ subject_ref, inquiry, basis: basis.code, cited: basis.cited, lender, use, at_ms });
  } else if (consent !== undefined) {
    plan.uses.set(consentName(subject_ref, consent), { subject_ref, digest: consent, uses: use });
    plan.spent.push({ subject_ref, inquiry, consent, use, at_ms });
  }
}

const usesSoFar = (plan: Plan, subjectRef: string, digest: string, { uses }: LockedConsent): number =>
  plan.uses.get(consentName(subjectRef, digest))?.uses ?? uses;

function consumerFacts(consumer: Consumer, on: Case, renewal: ConsumerFacts['renewal']): ConsumerFacts {
  const { asked, facts, view } = on;
  return {
    nowMs: consumer.clock.now(),
    asker: view.member(asked.inquiry.claims.iss),
    policy: consumer.policy,
    consent: consentFacts(on),
    cited: citedOf(on, consumer.key.member),
    frozen: facts.frozen,
    openedFreeze: facts.openedFreeze,
    fraudAlert: facts.fraudAlert,
    renewal,
  };
}

function consentFacts({ asked, consent, inPeriod, plan }: Case): ConsentFacts | undefined {
  const { consent: digest, subject_ref } = asked.inquiry.claims;
  if (digest === undefined || consent === undefined) return undefined;
  const { opened, state } = consent;
  const uses = usesSoFar(plan, subject_ref, digest, consent);
  const before = inPeriod.get(consentName(subject_ref, digest));
  // What this batch has spent so far is spent in this period.
  const usesInPeriod = before === undefined ? undefined : before + uses - consent.uses;
  return {
    ...{ digest, claims: opened.claims, state, uses },
    ...(usesInPeriod === undefined ? {} : { usesInPeriod }),
  };
}

/** `self` is this service, which alone composes what persons sign. */
function citedOf({ asked, facts }: Case, self: string): Cited {
  const { basis } = asked.inquiry.claims;
  if (basis === undefined) return undefined;
  if (asked.warrant !== undefined) return { kind: 'warrant', sound: asked.warrant };
  const { asserted, cited } = facts;
  if (asserted !== undefined) {
    const { bureaus, enrolment, inquiry, subjectRef } = asserted;
    return { kind: 'assertion', asker: self, bureaus, enrolment, inquiry, subjectRef };
  }
  if (cited === undefined) return undefined;
  return { kind: 'inquiry', digest: basis.cited, lender: cited.lender, consent: cited.opened.claims };
}
