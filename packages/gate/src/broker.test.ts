import { NATIONAL_POLICY, type PolicySet } from '@causeway/policy';
import { describe, expect, test } from 'vitest';
import { decideAtBroker, type BrokerFacts } from './broker.ts';
import { bank, digestOf, inquiryUnder, nowS } from './statements.fixture.ts';

const decided = (inquiry: Parameters<typeof inquiryUnder>[1], facts: Partial<BrokerFacts> = {}) => {
  const consent = inquiry?.basis ? undefined : digestOf('c');
  return decideAtBroker(inquiryUnder(consent, inquiry), {
    nowMs: nowS * 1000,
    asker: bank,
    policy: NATIONAL_POLICY,
    ...facts,
  });
};

describe('what a broker refuses early', () => {
  test('nothing, where policy could permit the inquiry', () => {
    expect(decided({})).toMatchObject({ decision: 'permit', policyVersion: 'cn-2026.4' });
  });

  test('a member the directory does not have, or another entry than the issuer', () => {
    expect(decided({}, { asker: undefined })).toMatchObject({ decision: 'deny', code: 'member_unknown' });
    expect(decided({}, { asker: { ...bank, id: 'evergreen' } })).toMatchObject({ code: 'member_unknown' });
  });

  test('a suspended member', () => {
    expect(decided({}, { asker: { ...bank, status: 'suspended' } })).toMatchObject({
      code: 'member_suspended',
    });
  });

  test('a member that is no lender', () => {
    expect(decided({}, { asker: { ...bank, roles: ['bureau'] } })).toMatchObject({
      code: 'role_not_permitted',
    });
  });

  test('a deadline that has come', () => {
    expect(decided({}, { nowMs: (nowS + 60) * 1000 - 1 }).decision).toBe('permit');
    expect(decided({}, { nowMs: (nowS + 60) * 1000 })).toMatchObject({ code: 'deadline_passed' });
  });

  test.each(['COLLECTION', 'EMPLOYMENT', 'MODEL_RESEARCH', 'JUDICIAL', 'OWN_ENQUIRY'] as const)(
    'the purpose %s',
    (purpose) => {
      expect(decided({ purpose }).decision).toBe('deny');
    },
  );

  test('a category beyond the purpose', () => {
    expect(decided({ categories: ['CONDITIONAL'] })).toMatchObject({ code: 'category_not_permitted' });
  });

  test.each(['POST_LOAN', 'COLLECTION'] as const)(
    '%s without a consent passes: whether what it cites exists is not the broker’s to know',
    (purpose) => {
      const basis = { code: purpose, cited: digestOf('d') };
      expect(decided({ purpose, basis, categories: ['ACCOUNT_SUMMARY'] }).decision).toBe('permit');
    },
  );

  test('S16 a warrant’s purpose, asked by a lender', () => {
    const basis = { code: 'JUDICIAL', cited: digestOf('d') };
    expect(decided({ purpose: 'JUDICIAL', basis, categories: ['ACCOUNT_SUMMARY'] })).toMatchObject({
      code: 'role_not_permitted',
    });
  });

  test('a basis that is not in force, or is another purpose’s', () => {
    const asked = (purpose: 'DISPUTE' | 'LOAN_APPROVAL', code: string) =>
      decided(
        { purpose, basis: { code, cited: digestOf('d') }, categories: ['ACCOUNT_SUMMARY'] },
        { asker: { ...bank, roles: ['lender', 'consumer'] } },
      );
    expect(asked('DISPUTE', 'DISPUTE')).toMatchObject({
      rules: ['cn.purpose.dispute.basis_not_in_force'],
    });
    expect(asked('LOAN_APPROVAL', 'POST_LOAN')).toMatchObject({
      rules: ['cn.purpose.loan_approval.basis_unlisted'],
    });
  });

  test('everything, where deciding fails', () => {
    const policy = { version: 'x' } as unknown as PolicySet;
    expect(decided({}, { policy })).toMatchObject({ decision: 'deny', code: 'not_authorised' });
  });
});
