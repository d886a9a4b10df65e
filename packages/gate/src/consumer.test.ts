import { NATIONAL_POLICY, readPolicySet, type PolicySet } from '@causeway/policy';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideAtConsumer, type ConsentFacts, type ConsumerFacts } from './consumer.ts';
import {
  bank,
  consentFacts,
  consumerFacts,
  digestOf,
  inquiryUnder,
  nowS,
  otherSubject,
} from './statements.fixture.ts';

type InquiryClaims = Parameters<typeof inquiryUnder>[1];

const decided = (
  consent: ConsentFacts | undefined,
  facts: Partial<ConsumerFacts> = {},
  inquiry: InquiryClaims = {},
) =>
  decideAtConsumer(
    inquiryUnder(consent?.digest ?? digestOf('c'), inquiry),
    consumerFacts({ consent, ...facts }),
  );

/** What a lender learns when the consumer service does not know the subject at all. */
const unknownSubject = decided(undefined);

describe('redemption', () => {
  test('a covering consent gives the terms of the grants', () => {
    const consent = consentFacts();
    expect(decided(consent)).toEqual({
      decision: 'permit',
      rules: ['cn.purpose.loan_approval'],
      policyVersion: 'cn-2026.4',
      obligations: expect.arrayContaining(['log', 'show_to_subject', 'retention.P6M']) as string[],
      bureaus: ['central', 'lotus'],
      grant: {
        ground: { consent: consent.digest },
        categories: ['ACCOUNT_SUMMARY', 'ACCOUNT_DETAIL'],
        obligations: expect.arrayContaining(['retention.P6M']) as string[],
        strength: 'idp',
        policy_version: 'cn-2026.4',
      },
    });
  });

  test('the grant names the categories of the inquiry, never all of the consent', () => {
    expect(decided(consentFacts(), {}, { categories: ['ACCOUNT_SUMMARY'] })).toMatchObject({
      grant: { categories: ['ACCOUNT_SUMMARY'] },
    });
  });

  test('an enterprise consents through its legal representative', () => {
    const categories = ['FINANCIALS', 'ACCOUNT_SUMMARY'] as const;
    const consent = consentFacts({ grantor: { role: 'legal_representative' }, categories: [...categories] });
    expect(decided(consent, {}, { categories: [...categories] }).decision).toBe('permit');
    expect(decided(consent, {}, { categories: ['ACCOUNT_SUMMARY'], purpose: 'CARD_APPROVAL' }).decision).toBe(
      'deny',
    );
  });
});

describe('S35: without a covering consent of its own a lender learns one code', () => {
  test('an unknown subject', () => {
    expect(unknownSubject).toEqual({
      decision: 'deny',
      code: 'not_authorised',
      rules: ['gate.consent.cover'],
      policyVersion: 'cn-2026.4',
    });
  });

  test.each<[string, ConsentFacts, Partial<ConsumerFacts>, InquiryClaims]>([
    ['another lender', consentFacts({ grantee: 'evergreen' }), {}, {}],
    ['another subject', consentFacts(), {}, { subject_ref: otherSubject }],
    ['another purpose', consentFacts(), {}, { purpose: 'LIMIT_APPROVAL' }],
    ['one category more', consentFacts(), {}, { categories: ['ACCOUNT_SUMMARY', 'PUBLIC_RECORD'] }],
    ['before its time', consentFacts({ valid_from: nowS + 1 }), {}, {}],
    ['another lender, revoked', consentFacts({ grantee: 'evergreen' }, { state: 'revoked' }), {}, {}],
    ['another lender, paused', consentFacts({ grantee: 'evergreen' }, { state: 'paused' }), {}, {}],
    ['another lender, used up', consentFacts({ grantee: 'evergreen' }, { uses: 3 }), {}, {}],
    ['another lender, frozen', consentFacts({ grantee: 'evergreen' }), { frozen: true }, {}],
    [
      'another lender, expired',
      consentFacts({ grantee: 'evergreen' }),
      { nowMs: (nowS + 86_400) * 1000, renewal: 'broker' },
      {},
    ],
    ['no consent, frozen', consentFacts({ grantee: 'evergreen' }), { frozen: true, consent: undefined }, {}],
  ])('%s: the very answer of an unknown subject', (_, consent, facts, inquiry) => {
    expect(decided(consent, facts, inquiry)).toEqual(unknownSubject);
  });

  test('a consent that is not the one cited', () => {
    const [cited, other] = [consentFacts(), consentFacts()];
    const facts = consumerFacts({ consent: other });
    expect(decideAtConsumer(inquiryUnder(cited.digest), facts)).toEqual(unknownSubject);
  });
});

describe('the grantee learns why its consent does not hold', () => {
  test.each([
    ['consent_revoked', { state: 'revoked' }, {}],
    ['consent_paused', { state: 'paused' }, {}],
    ['consent_used_up', { uses: 3 }, {}],
    ['subject_frozen', {}, { frozen: true }],
    ['consent_revoked', { state: 'revoked', uses: 3 }, { frozen: true }],
  ] as const)('%s', (code, facts, known) => {
    expect(decided(consentFacts({}, facts), known)).toMatchObject({ decision: 'deny', code });
  });

  test('S39: expiry is exact', () => {
    const consent = consentFacts({ valid_until: nowS + 10 });
    expect(decided(consent, { nowMs: (nowS + 10) * 1000 - 1 }).decision).toBe('permit');
    expect(decided(consent, { nowMs: (nowS + 10) * 1000 })).toMatchObject({ code: 'consent_expired' });
  });

  test('S38: a limit of n gives n, a one-time consent one', () => {
    const outcomes = (consent: Partial<ConsentFacts['claims']>) =>
      [0, 1, 2, 3, 4].filter((uses) => decided(consentFacts(consent, { uses })).decision === 'permit');
    expect(outcomes({ max_uses: 3 })).toEqual([0, 1, 2]);
    expect(outcomes({ max_uses: 1, fetch: 'once' })).toEqual([0]);
  });

  test('S38: a count that is no number gives none', () => {
    for (const uses of [Number.NaN, undefined as unknown as number]) {
      expect(decided(consentFacts({}, { uses })).decision).toBe('deny');
    }
  });

  test('a frequency is a limit too, and an unknown count is no use', () => {
    const frequency = { uses: 1, per: 'day' } as const;
    expect(decided(consentFacts({ frequency }, { usesInPeriod: 0 })).decision).toBe('permit');
    expect(decided(consentFacts({ frequency }, { usesInPeriod: 1 }))).toMatchObject({
      code: 'consent_used_up',
    });
    expect(decided(consentFacts({ frequency }))).toMatchObject({ code: 'consent_used_up' });
  });

  test('a state that nobody knows opens nothing', () => {
    const state = 'active ' as unknown as 'active';
    expect(decided(consentFacts({}, { state }))).toMatchObject({ decision: 'deny', code: 'not_authorised' });
  });

  test('a consent of another kind, or too weakly given, is no ground', () => {
    for (const kind of ['cross_border', 'conditional'] as const)
      expect(decided(consentFacts({ kind }))).toMatchObject({ code: 'not_authorised' });
    const providing = consentFacts({ kind: 'provide', purposes: [] });
    expect(decided(providing)).toMatchObject({ code: 'not_authorised' });
    expect(decided(consentFacts({ strength: 'assisted' }))).toMatchObject({ code: 'not_authorised' });
  });
});

describe('members, time and policy', () => {
  test('a suspended or unknown member, whatever its consent', () => {
    expect(decided(consentFacts(), { asker: { ...bank, status: 'suspended' } })).toMatchObject({
      code: 'member_suspended',
    });
    expect(decided(consentFacts(), { asker: undefined })).toMatchObject({ code: 'member_unknown' });
  });

  test('after the deadline nothing is redeemed; a renewal has a quarter of an hour', () => {
    const consent = consentFacts({}, { uses: 3 });
    const [deadline, grace] = [(nowS + 60) * 1000, (nowS + 960) * 1000];
    expect(decided(consentFacts(), { nowMs: deadline })).toMatchObject({ code: 'deadline_passed' });
    expect(decided(consent, { nowMs: grace - 1, renewal: 'bureau' }).decision).toBe('permit');
    expect(decided(consent, { nowMs: grace, renewal: 'bureau' })).toMatchObject({ code: 'deadline_passed' });
    expect(decided(consent, { nowMs: grace, renewal: 'broker' }).decision).toBe('permit');
  });

  test.each(['revoked', 'paused'] as const)('a renewal under a %s consent is refused', (state) => {
    for (const renewal of ['bureau', 'broker'] as const) {
      expect(decided(consentFacts({}, { state }), { renewal }).decision).toBe('deny');
    }
  });

  test('S41: no renewal while frozen or after expiry', () => {
    const consent = consentFacts({ valid_until: nowS + 10 });
    expect(decided(consent, { renewal: 'broker', frozen: true })).toMatchObject({ code: 'subject_frozen' });
    expect(decided(consent, { renewal: 'broker', nowMs: (nowS + 10) * 1000 })).toMatchObject({
      code: 'consent_expired',
    });
  });

  test('a purpose that policy turns off is refused under its own code, consent or not', () => {
    const policy = readPolicySet({
      ...NATIONAL_POLICY,
      purposes: NATIONAL_POLICY.purposes.map((rule) => ({ ...rule, enabled: false })),
    });
    expect(decided(consentFacts(), { policy })).toMatchObject({ code: 'purpose_not_permitted' });
    expect(decided(undefined, { policy })).toMatchObject({ code: 'purpose_not_permitted' });
  });

  test('an error while deciding is a refusal', () => {
    const broken: Partial<ConsumerFacts>[] = [
      { policy: { version: 'x' } as unknown as PolicySet },
      { consent: {} as unknown as ConsentFacts },
      { asker: { id: 'abc-bank', status: 'active' } as unknown as typeof bank },
    ];
    for (const facts of broken) {
      expect(decided(consentFacts(), facts)).toMatchObject({ decision: 'deny', code: 'not_authorised' });
    }
  });

  test('S41: every state, freeze, use count and moment: a grant only when all allow it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('active', 'paused', 'revoked'),
        fc.boolean(),
        fc.integer({ min: 0, max: 5 }),
        fc.integer({ min: -5, max: 70 }),
        (state, frozen, uses, later) => {
          const consent = consentFacts({ valid_until: nowS + 30 }, { state, uses });
          const allowed = state === 'active' && !frozen && uses < 3 && later < 30;
          const { decision } = decided(consent, { frozen, nowMs: (nowS + later) * 1000 });
          expect(decision).toBe(allowed ? 'permit' : 'deny');
        },
      ),
      { numRuns: 60 },
    );
  });
});
