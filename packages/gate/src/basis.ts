import type { Consent, Digest, Inquiry, SoundWarrant, Verified } from '@causeway/protocol';
import type { Against } from './asker.ts';

/** An earlier inquiry as the consumer service granted it: who spent a use with it, under which consent. */
export interface CitedInquiry {
  readonly kind: 'inquiry';
  readonly digest: Digest;
  /** The member that asked then. */
  readonly lender: string;
  /** The consent that the use was spent under, whatever became of it since. */
  readonly consent: Pick<Consent, 'bureaus' | 'grantee' | 'purposes' | 'strength' | 'subject_ref'>;
}

/** A warrant whose officers' signatures hold under the directory of this moment. */
export interface CitedWarrant {
  readonly kind: 'warrant';
  readonly sound: SoundWarrant;
}

/** A question that a person signed with their passkey, as the consumer service composed and keeps it. */
export interface CitedAssertion {
  readonly kind: 'assertion';
  /** The enrolment of the passkey, in force now. */
  readonly enrolment: Digest;
  /** The consumer service that composed it. */
  readonly asker: string;
  readonly inquiry: Digest;
  readonly subjectRef: string;
  /** All that the directory listed as active when it was composed. */
  readonly bureaus: readonly string[];
}

/** What an inquiry without a consent cites; undefined where there is no such thing, or not for this asker. */
export type Cited = CitedInquiry | CitedWarrant | CitedAssertion | undefined;

/** What the cited thing allows: which bureaus, and which obligations bind them. */
export interface Cover {
  readonly bureaus: readonly string[];
  readonly strength: Consent['strength'];
  /** The purpose is named by the cited consent: what binds only where it is silent does not bind. */
  readonly named: boolean;
}

/** One reason, whatever is wrong with what is cited: it reads as if it did not exist. */
export const notCited: Against = { code: 'not_authorised', rule: 'gate.basis.cited' };

/**
 * The cover of what an inquiry cites, or undefined: not of the kind that policy asks for, not the asker's,
 * not about this subject, not in force, or not what the inquiry says.
 */
export function coverOf(
  inquiry: Verified<Inquiry>,
  cited: Cited,
  cites: string,
  nowMs: number,
): Cover | undefined {
  if (cited === undefined || cited.kind !== cites) return undefined;
  if (cited.kind === 'assertion') return assertionCover(inquiry, cited);
  const { claims } = inquiry;
  return cited.kind === 'inquiry' ? inquiryCover(claims, cited) : warrantCover(claims, cited, nowMs);
}

/** An assertion is one question, by one person, about themselves. */
function assertionCover({ claims, digest }: Verified<Inquiry>, cited: CitedAssertion): Cover | undefined {
  const exactly =
    cited.enrolment === claims.basis?.cited &&
    cited.inquiry === digest &&
    cited.subjectRef === claims.subject_ref &&
    cited.asker === claims.iss;
  return exactly ? { bureaus: cited.bureaus, strength: 'passkey', named: true } : undefined;
}

function inquiryCover(inquiry: Inquiry, { consent, digest, lender }: CitedInquiry): Cover | undefined {
  const own =
    digest === inquiry.basis?.cited &&
    lender === inquiry.iss &&
    consent.grantee === inquiry.iss &&
    consent.subject_ref === inquiry.subject_ref;
  if (!own) return undefined;
  const { bureaus, purposes, strength } = consent;
  return { bureaus, strength, named: purposes.includes(inquiry.purpose) };
}

/** A warrant is one question, and the inquiry must be that question. */
function warrantCover(inquiry: Inquiry, { sound }: CitedWarrant, nowMs: number): Cover | undefined {
  const { digest, warrant } = sound;
  const exactly =
    digest === inquiry.basis?.cited &&
    warrant.purpose === inquiry.purpose &&
    warrant.subject_ref === inquiry.subject_ref &&
    sameSet(warrant.categories, inquiry.categories);
  const inForce = nowMs >= warrant.valid_from * 1000 && nowMs < warrant.valid_until * 1000;
  if (!exactly || !inForce) return undefined;
  // Nobody's will was asked: the weakest there is.
  return { bureaus: warrant.bureaus, strength: 'assisted', named: true };
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one) => b.includes(one));
}
