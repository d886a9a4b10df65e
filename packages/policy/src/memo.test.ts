import { categories, purposeCodes } from '@causeway/records';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide, type PolicyRequest } from './decide.ts';
import { decideRemembered } from './memo.ts';
import { NATIONAL_POLICY } from './national.ts';
import type { PolicySet } from './policy-set.ts';

const ground = fc.oneof(
  fc.record({ by: fc.constant('basis' as const), code: fc.constantFrom(...purposeCodes) }),
  fc.record({ by: fc.constant('consent' as const), strength: fc.constant('unseen' as const) }),
  fc.record({
    by: fc.constant('consent' as const),
    kind: fc.constantFrom('query', 'provide'),
    strength: fc.constantFrom('idp' as const, 'passkey' as const, 'assisted' as const),
  }),
);
const request: fc.Arbitrary<PolicyRequest> = fc.record({
  purpose: fc.constantFrom(...purposeCodes),
  categories: fc.subarray([...categories], { maxLength: 4 }),
  asker: fc.record({ roles: fc.subarray(['lender', 'authority', 'consumer', 'bureau']) }),
  ground,
});

test('a remembered decision is the one that would be taken, for every question', () => {
  fc.assert(
    fc.property(request, (asked) => {
      const first = decideRemembered(NATIONAL_POLICY, asked);
      expect(first).toEqual(decide(NATIONAL_POLICY, asked));
      expect(decideRemembered(NATIONAL_POLICY, structuredClone(asked))).toBe(first);
    }),
  );
});

const asked: PolicyRequest = {
  purpose: 'LOAN_APPROVAL',
  categories: ['ACCOUNT_SUMMARY'],
  asker: { roles: ['lender'] },
  ground: { by: 'consent', kind: 'query', strength: 'idp' },
};

test('another set of the same version is asked anew', () => {
  expect(decideRemembered(NATIONAL_POLICY, asked).decision).toBe('permit');
  const without: PolicySet = { ...NATIONAL_POLICY, purposes: [] };
  expect(decideRemembered(without, asked)).toMatchObject({ decision: 'deny', rules: ['policy.unlisted'] });
});

test('nobody can change a remembered decision', () => {
  const decision = decideRemembered(NATIONAL_POLICY, asked);
  expect(() => Object.assign(decision, { decision: 'deny' })).toThrow(TypeError);
  expect(() => Object.assign(decision.rules, { 0: 'other' })).toThrow(TypeError);
});

test('a question that cannot be remembered is decided, and an error is a refusal', () => {
  const hostile = { ...asked, get categories(): string[] { throw new Error('no'); } }; // prettier-ignore
  expect(decideRemembered(NATIONAL_POLICY, hostile).decision).toBe('deny');
  expect(decideRemembered(null as unknown as PolicySet, asked)).toMatchObject({ rules: ['policy.error'] });
});
