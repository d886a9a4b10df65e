import { systemRandom, type Clock } from '@causeway/kernel';
import { NATIONAL_POLICY } from '@causeway/policy';
import {
  generateKey,
  sign,
  signingKeyFromJwk,
  verify,
  type Consent,
  type Digest,
  type Grant,
  type Inquiry,
  type KeyLookup,
  type SigningKey,
  type Verified,
} from '@causeway/protocol';
import type { Asker } from './asker.ts';
import type { BureauFacts } from './bureau.ts';
import type { ConsentFacts, ConsumerFacts } from './consumer.ts';

/** Noon UTC of a day in 2026: every test decides at this second. */
export const nowS = Date.UTC(2026, 5, 1, 12) / 1000;
const clock: Clock = { now: () => nowS * 1000, monotonic: () => 5_000 };
const fed = 'sandbox';

const keys = new Map<string, SigningKey>(
  ['abc-bank', 'evergreen', 'consumer'].map((member) => [member, signingKeyFromJwk(member, generateKey())]),
);
const lookup: KeyLookup = (kid) => {
  const key = [...keys.values()].find((one) => one.kid === kid);
  const use = ['inquiry', 'grant', 'consent'];
  return key && { member: key.member, jwk: key.jwk, use, from: 0, member_status: 'active' };
};

function by(member: string) {
  const key = keys.get(member);
  if (!key) throw new RangeError('no such member in this test');
  return { key, fed, clock, random: systemRandom };
}

const context = { keys: lookup, fed, nowMs: nowS * 1000, audience: 'any', received: 'forwarded' } as const;

export const subject = `s1.1.${'A'.repeat(43)}`;
export const otherSubject = `s1.1.${'B'.repeat(42)}A`;
export const digestOf = (letter: string): Digest => `sha-256:${letter.repeat(42)}A`;

/** A consent of the subject to abc-bank, signed by the consumer service. */
export function consentFacts(claims: Partial<Consent> = {}, facts: Partial<ConsentFacts> = {}): ConsentFacts {
  const grantee = claims.grantee ?? 'abc-bank';
  const bureaus = claims.bureaus ?? ['central', 'lotus'];
  const until = claims.valid_until ?? nowS + 86_400;
  const signed = sign(
    'consent',
    {
      aud: [grantee, ...bureaus],
      exp: until,
      subject_ref: subject,
      kind: 'query',
      grantee,
      grantor: { role: 'self' },
      purposes: ['LOAN_APPROVAL', 'CARD_APPROVAL'],
      categories: ['ACCOUNT_SUMMARY', 'ACCOUNT_DETAIL', 'REPAYMENT_HISTORY'],
      bureaus,
      valid_from: nowS - 60,
      valid_until: until,
      fetch: 'periodic',
      max_uses: 3,
      recipient_retention: 'P6M',
      form_digest: digestOf('f'),
      language: 'en',
      strength: 'idp',
      evidence_digest: digestOf('e'),
      ...claims,
    },
    by('consumer'),
  );
  return { digest: signed.digest, claims: signed.claims, state: 'active', uses: 0, ...facts };
}

/** An inquiry of abc-bank under a consent. */
export function inquiryUnder(consent: Digest | undefined, claims: Partial<Inquiry> = {}): Verified<Inquiry> {
  const signed = sign(
    'inquiry',
    {
      aud: 'broker',
      exp: nowS + 3600,
      subject_ref: subject,
      ...(consent === undefined ? {} : { consent }),
      purpose: 'LOAN_APPROVAL',
      categories: ['ACCOUNT_SUMMARY', 'ACCOUNT_DETAIL'],
      profile: 'report',
      operator: 'op-1',
      deadline: nowS + 60,
      delivery: 'merged',
      ...claims,
    },
    by(claims.iss ?? 'abc-bank'),
  );
  return verify('inquiry', signed.jws, context);
}

/** The consumer service's grant for an inquiry, to the bureau `central`. */
export function grantFor(inquiry: Verified<Inquiry>, claims: Partial<Grant> = {}): Verified<Grant> {
  const { consent, basis, subject_ref, categories } = inquiry.claims;
  const signed = sign(
    'grant',
    {
      aud: 'central',
      exp: nowS + 15,
      presenter: 'broker',
      subject_ref,
      inquiry: inquiry.digest,
      ...(consent === undefined ? {} : { consent }),
      ...(basis === undefined ? {} : { basis: basis.code }),
      use: 1,
      categories,
      obligations: ['retention.P6M'],
      strength: 'idp',
      policy_version: NATIONAL_POLICY.version,
      directory_version: 4,
      ...claims,
    },
    by('consumer'),
  );
  return verify('grant', signed.jws, context);
}

export const bank: Asker = {
  id: 'abc-bank',
  status: 'active',
  roles: ['lender'],
  class: 'A',
  jurisdiction: 'CN',
};

export const consumerFacts = (facts: Partial<ConsumerFacts> = {}): ConsumerFacts => ({
  nowMs: nowS * 1000,
  asker: bank,
  policy: NATIONAL_POLICY,
  frozen: false,
  ...facts,
});

export const bureauFacts = (facts: Partial<BureauFacts> = {}): BureauFacts => ({
  me: 'central',
  peer: 'broker',
  asker: bank,
  policy: NATIONAL_POLICY,
  stopped: false,
  directoryVersion: 4,
  nowMs: nowS * 1000,
  monotonicMs: 5_000,
  ...facts,
});
