import { encodeBase64url } from './base64url.ts';
import { entryDigest } from './member-entry.ts';
import { federation, now, signAs, subject } from './federation.fixture.ts';
import { softPasskey } from './passkey.fixture.ts';
import type { Signed, UnsignedClaims } from './sign.ts';
import type { ClaimsOf, StatementType } from './statement-types.ts';

export const account: ClaimsOf<'disclosure'>['records'][number] = {
  record: 'account',
  category: 'ACCOUNT_SUMMARY',
  record_id: 'acc-1',
  source_record_id: 'native-1',
  as_of: '2026-11-20',
  account_ref: 'ref-1',
  type: 'term',
  currency: 'CNY',
  status: 'normal',
  balance: '809520',
};

export const consentClaims: UnsignedClaims<'consent'> = {
  aud: ['abc-bank', 'central', 'lotus'],
  exp: now + 86_400,
  subject_ref: subject,
  kind: 'query',
  grantee: 'abc-bank',
  grantor: { role: 'self' },
  purposes: ['LOAN_APPROVAL'],
  categories: ['ACCOUNT_SUMMARY', 'INQUIRY'],
  bureaus: ['central', 'lotus'],
  valid_from: now - 10,
  valid_until: now + 86_400,
  fetch: 'once',
  max_uses: 1,
  recipient_retention: 'P6M',
  form_digest: entryDigest('form'),
  language: 'zh-CN',
  strength: 'idp',
  evidence_digest: entryDigest('evidence'),
};

const consent = signAs('consumer', 'consent', consentClaims);

export const inquiryClaims: UnsignedClaims<'inquiry'> = {
  aud: 'broker',
  exp: now + 120,
  subject_ref: subject,
  consent: consent.digest,
  purpose: 'LOAN_APPROVAL',
  categories: ['ACCOUNT_SUMMARY'],
  profile: 'report',
  operator: 'op-17',
  deadline: now + 60,
  delivery: 'merged',
};

const inquiry = signAs('abc-bank', 'inquiry', inquiryClaims);

export const grantClaims: UnsignedClaims<'grant'> = {
  aud: 'central',
  exp: now + 15,
  presenter: 'broker',
  subject_ref: subject,
  inquiry: inquiry.digest,
  consent: consent.digest,
  use: 1,
  categories: ['ACCOUNT_SUMMARY'],
  obligations: [],
  strength: 'idp',
  policy_version: 'cn-2026.1',
  directory_version: 7,
};

const grant = signAs('consumer', 'grant', grantClaims);
const lotusGrant = signAs('consumer', 'grant', { ...grantClaims, aud: 'lotus' });

export const disclosureClaims: UnsignedClaims<'disclosure'> = {
  aud: 'abc-bank',
  exp: now + 3600,
  subject_ref: subject,
  inquiry: inquiry.digest,
  grant: grant.digest,
  use: 1,
  outcome: 'answered',
  as_of: '2026-11-20',
  records: [account],
};

const disclosure = signAs('central', 'disclosure', disclosureClaims);
const lotusDisclosure = signAs('lotus', 'disclosure', {
  ...disclosureClaims,
  grant: lotusGrant.digest,
  outcome: 'not_found',
  records: [],
});

export const reportClaims: UnsignedClaims<'report'> = {
  aud: 'abc-bank',
  exp: now + 86_400,
  subject_ref: subject,
  inquiry: inquiry.digest,
  use: 1,
  version: 1,
  manifest: [
    {
      bureau: 'central',
      outcome: 'answered',
      records: 1,
      as_of: '2026-11-20',
      disclosure: disclosure.digest,
    },
    { bureau: 'lotus', outcome: 'not_found', records: 0, disclosure: lotusDisclosure.digest },
  ],
  merged: { accounts: [], obligations: [], profiles: [], inquiries: [], same_debts: [] },
  exposure: { groups: [], lower_bound: false },
  conflicts: [],
  policy_version: 'cn-2026.1',
};

const report = signAs('broker', 'report', reportClaims);

const refusal = signAs('broker', 'refusal', {
  aud: 'abc-bank',
  exp: now + 3600,
  inquiry: inquiry.digest,
  code: 'not_authorised',
  policy_version: 'cn-2026.1',
  rules: ['consent.required'],
});

const status = signAs('consumer', 'status', {
  aud: ['broker', 'central'],
  exp: now + 60,
  action: 'revoke',
  subject_refs: [subject],
  sequence: 1,
  consent: consent.digest,
});

const ack = signAs('broker', 'ack', { aud: 'consumer', exp: now + 60, status: status.digest, tree_size: 12 });

export const batchClaims: UnsignedClaims<'batch'> = {
  aud: 'all',
  exp: now + 86_400,
  file: entryDigest('file'),
  mapping: entryDigest('mapping'),
  provider: 'abc-bank',
  basis: { law: 'credit-reporting-regulation-art-29' },
  format: 'csv',
  bytes: 4096,
  received_at: now - 1,
};

const batch = signAs('central', 'batch', batchClaims);

export const disputeClaims: UnsignedClaims<'dispute'> = {
  aud: 'central',
  exp: now + 86_400,
  action: 'open',
  subject_refs: [subject],
  record: 'acc-1',
  reason: 'wrong_amount',
  text_digest: entryDigest('I paid this back.'),
  received_at: now - 1,
};

const dispute = signAs('consumer', 'dispute', disputeClaims);

export const handlingClaims: UnsignedClaims<'handling'> = {
  aud: 'consumer',
  exp: now + 86_400,
  dispute: dispute.digest,
  step: 3,
  event: 'forward',
};

const handling = signAs('central', 'handling', handlingClaims);

export const correctionClaims: UnsignedClaims<'correction'> = {
  aud: 'abc-bank',
  exp: now + 86_400,
  inquiry: inquiry.digest,
  bureau: 'central',
  record: 'acc-1',
  outcome: 'corrected',
  handling: handling.digest,
};

const correction = signAs('consumer', 'correction', correctionClaims);

const { credential_id, public_key } = softPasskey('example');

export const enrolmentClaims: UnsignedClaims<'enrolment'> = {
  aud: 'all',
  exp: now + 10 * 365 * 86_400,
  subject_ref: subject,
  credential_id,
  public_key,
  evidence: entryDigest('id token'),
};

const enrolment = signAs('consumer', 'enrolment', enrolmentClaims);

const mandate = signAs('consumer', 'mandate', {
  ...{ aud: 'consumer', exp: now + 86_400, action: 'grant', kind: 'attorney', powers: ['read'] },
  ...{
    subject_ref: subject,
    agent_ref: `s1.1.${'B'.repeat(42)}A`,
    valid_from: now,
    valid_until: now + 86_400,
  },
  evidence: entryDigest('id token'),
});

const assistance = signAs('abc-bank', 'assistance', {
  ...{ aud: 'consumer', exp: now + 3600, request: '01a1ee56-5e00-7eb3-a481-99ce1cecb69a' },
  ...{ form_digest: entryDigest('form'), channel: 'branch', officers: ['wu', 'zhao'] },
});

export const erasureClaims: UnsignedClaims<'erasure'> = {
  aud: 'central',
  exp: now + 365 * 86_400,
  subject_refs: [subject],
  restriction: entryDigest('restriction'),
};

const erasure = signAs('consumer', 'erasure', erasureClaims);

/** The statements of one inquiry that fit together. */
export const chain = {
  consent,
  inquiry,
  grant,
  lotusGrant,
  disclosure,
  lotusDisclosure,
  report,
  refusal,
  status,
  ack,
};

/** One statement of each type, with who signs it and one member that it is addressed to. */
export const examples: {
  readonly [T in StatementType]: { readonly signed: Signed<T>; readonly by: string; readonly to: string };
} = {
  consent: { signed: consent, by: 'consumer', to: 'abc-bank' },
  inquiry: { signed: inquiry, by: 'abc-bank', to: 'broker' },
  grant: { signed: grant, by: 'consumer', to: 'central' },
  disclosure: { signed: disclosure, by: 'central', to: 'abc-bank' },
  report: { signed: report, by: 'broker', to: 'abc-bank' },
  refusal: { signed: refusal, by: 'broker', to: 'abc-bank' },
  status: { signed: status, by: 'consumer', to: 'broker' },
  ack: { signed: ack, by: 'broker', to: 'consumer' },
  batch: { signed: batch, by: 'central', to: 'evergreen' },
  dispute: { signed: dispute, by: 'consumer', to: 'central' },
  handling: { signed: handling, by: 'central', to: 'consumer' },
  correction: { signed: correction, by: 'consumer', to: 'abc-bank' },
  enrolment: { signed: enrolment, by: 'consumer', to: 'evergreen' },
  mandate: { signed: mandate, by: 'consumer', to: 'consumer' },
  assistance: { signed: assistance, by: 'abc-bank', to: 'consumer' },
  erasure: { signed: erasure, by: 'consumer', to: 'central' },
  directory: { signed: federation.head, by: 'authority', to: 'any' },
};

/** One base64url character of part `part` of a JWS replaced by another. */
export function flip(jws: string, part: 0 | 1 | 2, at: number): string {
  const parts = jws.split('.');
  const bytes = Buffer.from(parts[part] ?? '', 'base64url');
  bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ 1;
  parts[part] = encodeBase64url(bytes);
  return parts.join('.');
}
