import { createHash } from 'node:crypto';
import { purposeCodes } from '@causeway/records';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, type PolicyRequest } from './decide.ts';
import { embargoesOf, historyTerms } from './history-terms.ts';
import { NATIONAL_POLICY } from './national.ts';
import { readPolicySet, type PolicySet } from './policy-set.ts';
import { policyText } from './text.ts';

const approval: PolicyRequest = {
  purpose: 'LOAN_APPROVAL',
  categories: ['ACCOUNT_SUMMARY', 'ACCOUNT_DETAIL', 'REPAYMENT_HISTORY'],
  asker: { roles: ['lender'] },
  subject_kind: 'person',
  ground: { by: 'consent', kind: 'query', strength: 'idp' },
};
const decided = (changes: Partial<PolicyRequest>, policy: PolicySet = NATIONAL_POLICY) =>
  decide(policy, { ...approval, ...changes });
const denied = (code: string, rule: string) => ({
  decision: 'deny',
  code,
  rules: [rule],
  version: 'cn-2026.4',
});
const changed = (purpose: string, changes: object): PolicySet =>
  readPolicySet({
    ...NATIONAL_POLICY,
    purposes: NATIONAL_POLICY.purposes.map((rule) =>
      rule.purpose === purpose ? { ...rule, ...changes } : rule,
    ),
  });

describe('the national purpose table', () => {
  test('lists every purpose once', () => {
    expect(NATIONAL_POLICY.purposes.map((rule) => rule.purpose).toSorted()).toEqual(
      [...purposeCodes].toSorted(),
    );
    expect(readPolicySet(structuredClone(NATIONAL_POLICY))).toEqual(NATIONAL_POLICY);
  });

  test('permits a loan approval by consent and says which rule did and what it obliges to', () => {
    expect(decided({})).toEqual({
      decision: 'permit',
      rules: ['cn.purpose.loan_approval'],
      obligations: ['log', 'show_to_subject', 'use_for_purpose_only', 'no_onward_transfer', 'inquiry.hard'],
      freeze_exempt: false,
      version: 'cn-2026.4',
    });
  });

  test('permits enterprises their own categories', () => {
    const company = {
      categories: ['FINANCIALS', 'OWNERSHIP', 'ACCOUNT_SUMMARY'],
      subject_kind: 'enterprise',
    } as const;
    expect(decided(company).decision).toBe('permit');
    expect(decided({ ...company, subject_kind: 'person' })).toEqual(
      denied('category_not_permitted', 'cn.purpose.loan_approval.categories'),
    );
  });

  test('permits post-loan management by consent', () => {
    expect(decided({ purpose: 'POST_LOAN', categories: ['ACCOUNT_SUMMARY'] }).decision).toBe('permit');
  });

  const byBasis = (purpose: string, role: string) =>
    decided({
      ...{ purpose, categories: ['ACCOUNT_SUMMARY'], asker: { roles: [role] } },
      ground: { by: 'basis', code: purpose },
    });

  test('S16 post-loan management without a consent cites an inquiry, and binds the answer', () => {
    expect(byBasis('POST_LOAN', 'lender')).toMatchObject({
      decision: 'permit',
      basis: { cites: 'inquiry', unless_named: ['own.open_account'] },
    });
    expect(byBasis('COLLECTION', 'lender')).toMatchObject({
      decision: 'permit',
      obligations: expect.arrayContaining(['own.accounts_only']) as string[],
      basis: { cites: 'inquiry', unless_named: ['own.open_account'] },
    });
  });

  test.each(['JUDICIAL', 'SUPERVISION'])('%s is the authority’s alone, and cites a warrant', (purpose) => {
    expect(byBasis(purpose, 'authority')).toMatchObject({ decision: 'permit', basis: { cites: 'warrant' } });
    for (const role of ['lender', 'consumer', 'broker', 'bureau']) {
      expect(byBasis(purpose, role)).toMatchObject({ code: 'role_not_permitted' });
    }
    const consented = decided({ purpose, categories: ['ACCOUNT_SUMMARY'], asker: { roles: ['authority'] } });
    expect(consented).toMatchObject({ code: 'purpose_not_permitted' });
  });

  test('S16 OWN_ENQUIRY is the consumer service’s alone, cites an assertion, and no freeze stops it', () => {
    expect(byBasis('OWN_ENQUIRY', 'consumer')).toMatchObject({
      ...{ decision: 'permit', basis: { cites: 'assertion' }, freeze_exempt: true },
    });
    for (const role of ['lender', 'authority', 'broker', 'bureau']) {
      expect(byBasis('OWN_ENQUIRY', role)).toMatchObject({ code: 'role_not_permitted' });
    }
    const asked = { purpose: 'OWN_ENQUIRY', categories: ['ACCOUNT_SUMMARY'] as const };
    expect(decided({ ...asked, asker: { roles: ['consumer'] } })).toEqual(
      denied('purpose_not_permitted', 'cn.purpose.own_enquiry.consent_is_no_ground'),
    );
  });

  test.each(['DISPUTE'])('%s is refused to whoever asks', (purpose) => {
    for (const role of ['lender', 'consumer', 'authority', 'broker', 'bureau']) {
      for (const ground of [approval.ground, { by: 'basis', code: purpose } as const]) {
        const asked = { purpose, categories: ['ACCOUNT_SUMMARY'], asker: { roles: [role] }, ground };
        expect(decided(asked).decision).toBe('deny');
      }
    }
    const rule = `cn.purpose.${purpose.toLowerCase()}.basis_not_in_force`;
    expect(byBasis(purpose, 'consumer')).toEqual(denied('purpose_not_permitted', rule));
  });

  test('a consent is no ground for collection', () => {
    expect(decided({ purpose: 'COLLECTION', categories: ['ACCOUNT_SUMMARY'] })).toEqual(
      denied('purpose_not_permitted', 'cn.purpose.collection.consent_is_no_ground'),
    );
  });

  test.each(['EMPLOYMENT', 'MODEL_RESEARCH'])('%s is off', (purpose) => {
    expect(decided({ purpose, categories: ['ACCOUNT_SUMMARY'] })).toEqual(
      denied('purpose_not_permitted', `cn.purpose.${purpose.toLowerCase()}.off`),
    );
  });

  test.each(['', 'LOAN', 'loan_approval', 'toString', '__proto__'])(
    'the purpose "%s" is refused',
    (purpose) => {
      expect(decided({ purpose })).toEqual(denied('purpose_not_permitted', 'policy.unlisted'));
    },
  );

  test('a basis that the purpose does not list is refused', () => {
    expect(decided({ ground: { by: 'basis', code: 'POST_LOAN' } })).toEqual(
      denied('purpose_not_permitted', 'cn.purpose.loan_approval.basis_unlisted'),
    );
  });

  test.each([['bureau'], ['consumer'], ['Lender'], [undefined]])(
    'a member with the role %s is refused',
    (role) => {
      expect(decided({ asker: { roles: role === undefined ? [] : [role] } })).toEqual(
        denied('role_not_permitted', 'cn.purpose.loan_approval.roles'),
      );
    },
  );

  test.each([[['CONDITIONAL']], [['CONTACT']], [['PROHIBITED']], [['ACCOUNT_SUMMARY', 'LOCATION']], [[]]])(
    'S43: the categories %j are refused',
    (categories) => {
      expect(decided({ categories })).toEqual(
        denied('category_not_permitted', 'cn.purpose.loan_approval.categories'),
      );
    },
  );

  test('a merchant review sees no accounts, a card approval no enterprise', () => {
    expect(decided({ purpose: 'MERCHANT_REVIEW' })).toMatchObject({ code: 'category_not_permitted' });
    expect(decided({ purpose: 'CARD_APPROVAL', subject_kind: 'enterprise' })).toEqual(
      denied('purpose_not_permitted', 'cn.purpose.card_approval.subject_kinds'),
    );
  });

  test.each(['provide', 'cross_border', 'conditional', ''])(
    'a consent of kind "%s" is no consent to query',
    (kind) => {
      expect(decided({ ground: { by: 'consent', kind, strength: 'idp' } })).toMatchObject({
        code: 'not_authorised',
      });
    },
  );

  test('assisted consent is too weak, a passkey is not', () => {
    const ground = { by: 'consent', kind: 'query' } as const;
    expect(decided({ ground: { ...ground, strength: 'assisted' } })).toEqual(
      denied('not_authorised', 'cn.purpose.loan_approval.strength_min'),
    );
    expect(decided({ ground: { ...ground, strength: 'passkey' } }).decision).toBe('permit');
  });

  test('a broker that has not seen the consent refuses what no consent could allow', () => {
    const ground = { by: 'consent', strength: 'unseen' } as const;
    expect(decided({ ground }).decision).toBe('permit');
    expect(decided({ ground, purpose: 'COLLECTION', categories: ['ACCOUNT_SUMMARY'] }).decision).toBe('deny');
  });
});

describe('deciding', () => {
  test('a basis that a set takes out of force permits nothing', () => {
    const basis = { code: 'POST_LOAN', cites: 'inquiry', in_force: false, obligations: [], unless_named: [] };
    const asked = {
      purpose: 'POST_LOAN',
      categories: ['ACCOUNT_SUMMARY'],
      ground: { by: 'basis', code: 'POST_LOAN' },
    } as const;
    expect(decided(asked).decision).toBe('permit');
    expect(decided(asked, changed('POST_LOAN', { bases: [basis] }))).toEqual(
      denied('purpose_not_permitted', 'cn.purpose.post_loan.basis_not_in_force'),
    );
  });

  test('an error while deciding is a refusal', () => {
    const broken = [
      { version: 'x', purposes: undefined },
      { version: 'x', purposes: [{ purpose: 'LOAN_APPROVAL', enabled: true }] },
      {},
      null,
    ];
    for (const policy of broken) {
      const decision = decide(policy as unknown as PolicySet, approval);
      expect(decision).toMatchObject({ decision: 'deny', code: 'not_authorised', rules: ['policy.error'] });
    }
    const hostile = { ...approval, get categories(): string[] { throw new Error('no'); } }; // prettier-ignore
    expect(decide(NATIONAL_POLICY, hostile).decision).toBe('deny');
  });

  test('two rules for one purpose permit nothing', () => {
    const [rule] = NATIONAL_POLICY.purposes;
    const twice = { ...NATIONAL_POLICY, purposes: rule ? [rule, { ...rule, id: 'other' }] : [] };
    expect(decide(twice, approval)).toMatchObject({ decision: 'deny', rules: ['policy.unlisted'] });
  });

  test('total: any request gets a decision with a rule and the version', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.array(fc.string()),
        fc.array(fc.string()),
        fc.string(),
        (purpose, categories, roles, code) => {
          const decision = decided({ purpose, categories, asker: { roles }, ground: { by: 'basis', code } });
          expect(decision).toMatchObject({ decision: 'deny', version: 'cn-2026.4' });
          expect(decision.rules).toHaveLength(1);
        },
      ),
    );
  });
});

describe('a policy set', () => {
  test('has one text, whatever the order of its members, and another text for other rules', () => {
    const reversed = Object.fromEntries(Object.entries(NATIONAL_POLICY).toReversed());
    expect(policyText(readPolicySet(reversed))).toBe(policyText(NATIONAL_POLICY));
    expect(policyText(changed('EMPLOYMENT', { enabled: true }))).not.toBe(policyText(NATIONAL_POLICY));
    expect(JSON.parse(policyText(NATIONAL_POLICY))).toEqual(NATIONAL_POLICY);
  });

  test('this version has this digest: changed rules need a new version', () => {
    const digest = createHash('sha256').update(policyText(NATIONAL_POLICY)).digest('base64url');
    expect([NATIONAL_POLICY.version, digest]).toMatchInlineSnapshot(`
      [
        "cn-2026.4",
        "eI15mFiOniFcSy__TEp-s6nT6WPti_0akRywLz9l5N4",
      ]
    `);
  });

  test.each([
    ['an unknown member', { ...NATIONAL_POLICY, extra: 1 }],
    ['an unknown version of the form', { ...NATIONAL_POLICY, v: 2 }],
    ['no purposes', { ...NATIONAL_POLICY, purposes: [] }],
    [
      'a purpose that does not exist',
      { ...NATIONAL_POLICY, purposes: [{ ...NATIONAL_POLICY.purposes[0], purpose: 'ANY' }] },
    ],
    [
      'a category that does not exist',
      { ...NATIONAL_POLICY, purposes: [{ ...NATIONAL_POLICY.purposes[0], categories: ['LOCATION'] }] },
    ],
    [
      'two rules for one purpose',
      {
        ...NATIONAL_POLICY,
        purposes: [NATIONAL_POLICY.purposes[0], { ...NATIONAL_POLICY.purposes[0], id: 'b' }],
      },
    ],
    [
      'a rule id used twice',
      {
        ...NATIONAL_POLICY,
        purposes: [
          NATIONAL_POLICY.purposes[0],
          { ...NATIONAL_POLICY.purposes[1], id: NATIONAL_POLICY.purposes[0]?.id },
        ],
      },
    ],
    [
      'an embargo of a purpose by consent',
      {
        ...NATIONAL_POLICY,
        purposes: [
          {
            ...NATIONAL_POLICY.purposes[0],
            history: { embargo_days: 1, source: 'some law', granularity: 'moment' },
          },
        ],
      },
    ],
    [
      'an embargo without a source',
      {
        ...NATIONAL_POLICY,
        purposes: NATIONAL_POLICY.purposes
          .filter(({ purpose }) => purpose === 'JUDICIAL')
          .map((rule) => ({ ...rule, history: { embargo_days: 1, granularity: 'moment' } })),
      },
    ],
    ['nothing', null],
  ])('with %s is refused', (_, value) => {
    expect(() => readPolicySet(value)).toThrow(RangeError);
  });
});

describe('how an inquiry stands in the history', () => {
  const terms = (purpose: string, role = 'lender') =>
    historyTerms(NATIONAL_POLICY, { purpose, roles: [role] });

  test('a court’s is shown 90 days late with its day, and everybody knows that there is such a rule', () => {
    const { embargo, granularity } = terms('JUDICIAL', 'authority');
    expect(embargo).toMatchObject({ days: 90, rule: 'cn.purpose.judicial.embargo' });
    expect(granularity).toBe('date');
    expect(embargoesOf(NATIONAL_POLICY)).toEqual([{ purpose: 'JUDICIAL', ...embargo }]);
  });

  test('every other one is shown at once, with its moment', () => {
    for (const purpose of [...purposeCodes, 'UNLISTED']) {
      if (purpose === 'JUDICIAL') continue;
      for (const role of ['lender', 'authority', 'consumer']) {
        expect([purpose, terms(purpose, role).embargo]).toEqual([purpose, undefined]);
        expect(terms(purpose, role).granularity).toBe('moment');
      }
    }
  });

  test('who may not ask for a purpose has no part in its embargo', () => {
    expect(terms('JUDICIAL')).toEqual({ granularity: 'moment' });
  });

  test('says in which capacity somebody is named in what another has applied for', () => {
    const named = purposeCodes.flatMap((purpose) => terms(purpose).named_as ?? []);
    expect(named).toHaveLength(2);
    expect(terms('GUARANTOR_REVIEW')).toMatchObject({ named_as: 'guarantor' });
    expect(terms('RELATED_PARTY_REVIEW')).toMatchObject({ named_as: 'related_party' });
  });
});
