import { purposes, type Category, type Purpose } from '@causeway/records';
import type { Basis, PolicySet, PurposeRule } from './policy-set.ts';

const full: Category[] = [
  'IDENTITY',
  'EMPLOYMENT',
  'ACCOUNT_SUMMARY',
  'ACCOUNT_DETAIL',
  'REPAYMENT_HISTORY',
  'GUARANTEE',
  'POSTPAID',
  'PUBLIC_RECORD',
  'INQUIRY',
  'WATCHLIST',
];
const fullAndScore: Category[] = [...full, 'SCORE'];
const summary: Category[] = ['IDENTITY', 'ACCOUNT_SUMMARY', 'PUBLIC_RECORD', 'WATCHLIST'];
const minimal: Category[] = ['IDENTITY', 'PUBLIC_RECORD'];
const company: Category[] = ['FINANCIALS', 'OWNERSHIP'];

/** What every answer obliges to, by the Regulation on the Credit Reporting Industry, articles 20 and 22. */
const always = ['log', 'show_to_subject', 'use_for_purpose_only', 'no_onward_transfer'];

type RuleParts = Partial<Omit<PurposeRule, 'id' | 'purpose' | 'kind'>>;

/**
 * A rule that asks a lender for the written consent of a person or enterprise, unless `parts` say otherwise.
 */
function rule(purpose: Purpose, categories: Category[], parts: RuleParts = {}): PurposeRule {
  const kind = purposes[purpose].kind;
  return {
    id: `cn.purpose.${purpose.toLowerCase()}`,
    purpose,
    enabled: true,
    roles: ['lender'],
    subject_kinds: ['person', 'enterprise'],
    categories,
    enterprise_categories: [],
    consent: true,
    bases: [],
    strength_min: 'idp',
    kind,
    obligations: [...always, `inquiry.${kind}`],
    freeze_exempt: false,
    ...parts,
  };
}

/** A ground in force, whose code is the purpose's own. */
const basis = (code: Purpose, cites: Basis['cites'], parts: Partial<Basis> = {}): RuleParts => ({
  bases: [{ code, cites, in_force: true, obligations: [], unless_named: [], ...parts }],
});

/** Listed, and refused until somebody can show what it must cite. */
const notYet = (code: Purpose, cites: Basis['cites']): RuleParts => basis(code, cites, { in_force: false });

const company_too: RuleParts = { enterprise_categories: company };
const person: RuleParts = { subject_kinds: ['person'] };
const restricted: RuleParts = { consent: false };

/**
 * The national set. Purposes and what they may see follow the Regulation (2013) articles 13 to 20 and the
 * rules of the individual credit database (2005) articles 12 and 13. A ground other than consent is listed
 * with what it must cite, and refused as long as it is not in force: management of a loan and collection cite
 * the lender's own earlier inquiry, courts and supervisors a warrant of two officers, a person who asks for
 * their own report the passkey that signed this very question. Two reports a year are free (the Regulation,
 * article 17); a further one is counted and told, and never refused.
 */
export const NATIONAL_POLICY: PolicySet = {
  v: 1,
  version: 'cn-2026.4',
  jurisdiction: 'CN',
  effective_from: '2026-01-01',
  parameters: {
    ...{ answer_grace_s: 900, consent_valid_days_max: 366, own_reports_free_per_year: 2 },
    assisted_consent: { on: false, objection_h: 72 },
  },
  purposes: [
    rule('LOAN_APPROVAL', fullAndScore, company_too),
    rule('CARD_APPROVAL', fullAndScore, person),
    rule('FINANCING_APPROVAL', full, company_too),
    rule('LIMIT_APPROVAL', full, company_too),
    rule('GUARANTOR_REVIEW', full, company_too),
    rule('PRE_GUARANTEE', full, company_too),
    rule('POST_GUARANTEE', summary),
    rule('POST_LOAN', [...summary, 'ACCOUNT_DETAIL', 'REPAYMENT_HISTORY'], {
      ...basis('POST_LOAN', 'inquiry', { unless_named: ['own.open_account'] }),
    }),
    rule('RELATED_PARTY_REVIEW', summary, person),
    rule('MERCHANT_REVIEW', minimal),
    rule('ADMISSION', minimal),
    rule('CREDIT_CHECK', minimal),
    rule('HOUSING_FUND', minimal, person),
    rule('INDEX_FUTURES', minimal, person),
    rule('COLLECTION', ['ACCOUNT_SUMMARY', 'ACCOUNT_DETAIL', 'REPAYMENT_HISTORY'], {
      ...restricted,
      ...basis('COLLECTION', 'inquiry', {
        obligations: ['own.accounts_only'],
        unless_named: ['own.open_account'],
      }),
    }),
    rule('OWN_ENQUIRY', [...fullAndScore, ...company], {
      ...restricted,
      roles: ['consumer'],
      ...basis('OWN_ENQUIRY', 'assertion'),
      strength_min: 'passkey',
      freeze_exempt: true,
    }),
    rule('DISPUTE', [...fullAndScore, ...company], {
      ...restricted,
      roles: ['consumer'],
      ...notYet('DISPUTE', 'dispute'),
      freeze_exempt: true,
    }),
    rule('JUDICIAL', [...full, ...company], {
      ...restricted,
      roles: ['authority'],
      ...basis('JUDICIAL', 'warrant'),
      freeze_exempt: true,
    }),
    rule('SUPERVISION', summary, {
      ...restricted,
      roles: ['authority'],
      ...basis('SUPERVISION', 'warrant'),
      freeze_exempt: true,
    }),
    rule('EMPLOYMENT', summary, {
      ...person,
      enabled: false,
      why_off: 'inquiries for employment are off unless a set turns them on',
    }),
    rule('MODEL_RESEARCH', [], {
      ...restricted,
      enabled: false,
      why_off: 'research gets anonymised samples, never records of a subject',
    }),
  ],
};
