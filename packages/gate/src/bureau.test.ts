import { NATIONAL_POLICY, readPolicySet, type PolicySet } from '@causeway/policy';
import { describe, expect, test } from 'vitest';
import { decideAtBureau, type BureauFacts } from './bureau.ts';
import { permitStands, type Permit } from './permit.ts';
import {
  bank,
  bureauFacts,
  digestOf,
  grantFor,
  inquiryUnder,
  nowS,
  otherSubject,
} from './statements.fixture.ts';

const inquiry = inquiryUnder(digestOf('c'));
const atOnce = { nowMs: nowS * 1000, monotonicMs: 5_000 };

const decided = (
  grant: Parameters<typeof grantFor>[1] = {},
  facts: Partial<BureauFacts> = {},
  asked = inquiry,
) => decideAtBureau(asked, grantFor(asked, grant), bureauFacts(facts));

function permitted(): Permit {
  const decision = decided();
  if ('refusal' in decision) throw new Error(decision.refusal.code);
  return decision.permit;
}

describe('the permit', () => {
  test('says what may be answered, to whom and until when', () => {
    const permit = permitted();
    expect({ ...permit }).toEqual({
      inquiry: inquiry.digest,
      use: 1,
      bureau: 'central',
      lender: 'abc-bank',
      subjectRef: inquiry.claims.subject_ref,
      categories: ['ACCOUNT_SUMMARY', 'ACCOUNT_DETAIL'],
      obligations: [
        'inquiry.hard',
        'log',
        'no_onward_transfer',
        'retention.P6M',
        'show_to_subject',
        'use_for_purpose_only',
      ],
      grantDigest: permit.grantDigest,
      policyVersion: 'cn-2026.4',
      expiresAtMs: (nowS + 15) * 1000,
    });
    expect(permitStands(permit, atOnce)).toBe(true);
  });

  test('ends exactly with the grant, by the wall clock and by the monotonic one', () => {
    const permit = permitted();
    const end = (nowS + 15) * 1000;
    expect(permitStands(permit, { nowMs: end - 1, monotonicMs: 19_999 })).toBe(true);
    expect(permitStands(permit, { nowMs: end, monotonicMs: 5_000 })).toBe(false);
    expect(permitStands(permit, { nowMs: nowS * 1000, monotonicMs: 20_000 })).toBe(false);
    expect(permitStands(permit, { nowMs: nowS * 1000 - 3_600_000, monotonicMs: 20_000 })).toBe(false);
  });

  test('a copy, a look-alike and nothing are no permit', () => {
    const permit = permitted();
    const forged = [
      { ...permit },
      structuredClone({ ...permit }),
      JSON.parse(JSON.stringify(permit)),
      {},
      null,
      undefined,
      'permit',
    ];
    for (const one of forged as Permit[]) expect(permitStands(one, atOnce)).toBe(false);
    expect(permitStands(Object.create(permit) as Permit, atOnce)).toBe(false);
  });

  test('cannot be widened or prolonged', () => {
    const permit = permitted();
    expect(() => Object.assign(permit, { expiresAtMs: Number.MAX_SAFE_INTEGER })).toThrow(TypeError);
    expect(() => Object.assign(permit.categories, { 2: 'SCORE' })).toThrow(TypeError);
  });

  test('is never wider than the grant', () => {
    const decision = decided({ categories: ['ACCOUNT_SUMMARY'] });
    expect(decision).toMatchObject({ permit: { categories: ['ACCOUNT_SUMMARY'] } });
  });
});

const onBasis = (purpose: 'COLLECTION' | 'POST_LOAN' | 'JUDICIAL') =>
  inquiryUnder(undefined, {
    ...{ purpose, basis: { code: purpose, cited: digestOf('d') }, categories: ['ACCOUNT_SUMMARY'] },
  });

describe('S36: a stop', () => {
  test.each(['revoked', 'paused', 'frozen'] as const)('%s: no permit', (stopped) => {
    expect(decided({}, { stopped })).toMatchObject({ refusal: { rules: ['gate.status.stopped'] } });
  });

  test('a freeze does not stop a court, every other stop does', () => {
    const asker = { ...bank, roles: ['authority'] };
    const court = (stopped: BureauFacts['stopped']) => decided({}, { asker, stopped }, onBasis('JUDICIAL'));
    expect(court('frozen')).toHaveProperty('permit');
    for (const stopped of ['revoked', 'paused', true] as const)
      expect(court(stopped)).toHaveProperty('refusal');
  });

  test('what binds an answer on a basis stands in the permit, though the grant forgot it', () => {
    expect(decided({ obligations: [] }, {}, onBasis('COLLECTION'))).toMatchObject({
      permit: { obligations: expect.arrayContaining(['own.accounts_only']) as string[] },
    });
  });
});

describe('S35: a bureau refuses', () => {
  test.each<[string, string, Parameters<typeof grantFor>[1], Partial<BureauFacts>]>([
    ['a grant to another bureau', 'audience_mismatch', { aud: 'lotus' }, {}],
    ['a grant presented by another member', 'identity_mismatch', {}, { peer: 'abc-bank' }],
    ['a grant for another presenter', 'identity_mismatch', { presenter: 'broker-2' }, {}],
    ['a grant for another inquiry', 'link_mismatch', { inquiry: digestOf('x') }, {}],
    ['a grant on another subject', 'link_mismatch', { subject_ref: otherSubject }, {}],
    ['a grant under another consent', 'link_mismatch', { consent: digestOf('d') }, {}],
    ['a grant wider than the inquiry', 'link_mismatch', { categories: ['ACCOUNT_SUMMARY', 'SCORE'] }, {}],
    ['a grant at its exp', 'expired', {}, { nowMs: (nowS + 15) * 1000 }],
    ['a grant of a later directory than its own', 'not_ready', { directory_version: 5 }, {}],
    ['a lender it does not know', 'member_unknown', {}, { asker: undefined }],
    ['a suspended lender', 'member_suspended', {}, { asker: { ...bank, status: 'suspended' } }],
    ['a member that is no lender', 'role_not_permitted', {}, { asker: { ...bank, roles: ['broker'] } }],
    ['a consent too weakly given', 'not_authorised', { strength: 'assisted' }, {}],
    ['a subject that was stopped', 'not_authorised', {}, { stopped: true }],
    ['a status that was not read', 'not_authorised', {}, { stopped: undefined as unknown as boolean }],
    [
      'everything, where deciding fails',
      'not_authorised',
      {},
      { policy: { version: 'x' } as unknown as PolicySet },
    ],
  ])('%s', (_, code, grant, facts) => {
    const decision = decided(grant, facts);
    expect(decision).toMatchObject({ refusal: { code } });
    expect(decision).not.toHaveProperty('permit');
  });

  test('an inquiry that another broker forwards', () => {
    const elsewhere = inquiryUnder(digestOf('c'), { aud: 'broker-2' });
    expect(decided({}, {}, elsewhere)).toMatchObject({ refusal: { code: 'identity_mismatch' } });
  });

  test('S4: an inquiry and a grant that have changed places', () => {
    const grant = grantFor(inquiry);
    const swapped = decideAtBureau(grant as never, inquiry as never, bureauFacts());
    expect(swapped).toHaveProperty('refusal');
    expect(swapped).not.toHaveProperty('permit');
  });

  test('an answer later than a quarter of an hour after the deadline', () => {
    const old = inquiryUnder(digestOf('c'), { iat: nowS - 2_000, deadline: nowS - 900, exp: nowS + 60 });
    expect(decided({}, {}, old)).toMatchObject({ refusal: { code: 'deadline_passed' } });
    const justInTime = inquiryUnder(digestOf('c'), {
      iat: nowS - 2_000,
      deadline: nowS - 899,
      exp: nowS + 60,
    });
    expect(decided({}, {}, justInTime)).toHaveProperty('permit');
  });

  test.each(['COLLECTION', 'POST_LOAN'] as const)(
    '%s on a basis that its own policy has not in force',
    (purpose) => {
      const asked = onBasis(purpose);
      expect(decided({}, {}, asked)).toHaveProperty('permit');
      const policy = readPolicySet({
        ...NATIONAL_POLICY,
        purposes: NATIONAL_POLICY.purposes.map((rule) => ({
          ...rule,
          bases: rule.bases.map((basis) => ({ ...basis, in_force: false })),
        })),
      });
      expect(decided({}, { policy }, asked)).toMatchObject({ refusal: { code: 'purpose_not_permitted' } });
    },
  );

  test('S16 a lender that asks with a court’s purpose', () => {
    expect(decided({}, {}, onBasis('JUDICIAL'))).toMatchObject({ refusal: { code: 'role_not_permitted' } });
  });

  test('S43: a category that its own policy does not have for the purpose', () => {
    const asked = inquiryUnder(digestOf('c'), { categories: ['CONDITIONAL'] });
    expect(decided({}, {}, asked)).toMatchObject({ refusal: { code: 'category_not_permitted' } });
  });
});
