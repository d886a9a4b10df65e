import { describe, expect, test } from 'vitest';
import type { CitedAssertion } from './basis.ts';
import { decideAtBroker } from './broker.ts';
import { decideAtBureau, type Asserted, type BureauFacts } from './bureau.ts';
import { decideAtConsumer, type ConsumerFacts } from './consumer.ts';
import {
  bank,
  bureauFacts,
  consumerFacts,
  digestOf,
  grantFor,
  inquiryUnder,
  nowS,
  otherSubject,
  subject,
} from './statements.fixture.ts';

/** The consumer service as the asker; in these tests it has the bank's key. */
const asker = { ...bank, roles: ['consumer'] };
const enrolment = digestOf('e');
const inquiry = inquiryUnder(undefined, {
  ...{ purpose: 'OWN_ENQUIRY', basis: { code: 'OWN_ENQUIRY', cited: enrolment } },
  categories: ['ACCOUNT_SUMMARY', 'INQUIRY', 'SCORE'],
});

const cited = (change: Partial<CitedAssertion> = {}): CitedAssertion => ({
  ...{ kind: 'assertion', enrolment, asker: 'abc-bank', inquiry: inquiry.digest, subjectRef: subject },
  bureaus: ['central', 'harbour', 'lotus'],
  ...change,
});
const asked = (facts: Partial<ConsumerFacts>) =>
  decideAtConsumer(inquiry, consumerFacts({ asker, ...facts }));

const asserted: Asserted = { enrolment, inquiry: inquiry.digest, subjectRef: subject };
const atBureau = (facts: Partial<BureauFacts>) =>
  decideAtBureau(inquiry, grantFor(inquiry, { strength: 'passkey' }), bureauFacts({ asker, ...facts }));

describe('a person’s own report', () => {
  test('passes the broker, and reaches every bureau in full, also while frozen', () => {
    const { policy } = consumerFacts();
    expect(decideAtBroker(inquiry, { nowMs: nowS * 1000, asker, policy }).decision).toBe('permit');
    for (const frozen of [false, true]) {
      expect(asked({ cited: cited(), frozen })).toMatchObject({
        decision: 'permit',
        bureaus: ['central', 'harbour', 'lotus'],
        grant: {
          ground: { basis: 'OWN_ENQUIRY' },
          categories: ['ACCOUNT_SUMMARY', 'INQUIRY', 'SCORE'],
          strength: 'passkey',
        },
      });
      expect(atBureau({ asserted, stopped: frozen ? 'frozen' : false })).toMatchObject({
        permit: { categories: ['ACCOUNT_SUMMARY', 'INQUIRY', 'SCORE'], lender: 'abc-bank' },
      });
    }
  });

  test.each<[string, Partial<CitedAssertion> | undefined]>([
    ['nothing', undefined],
    ['another enrolment', { enrolment: digestOf('f') }],
    ['another inquiry', { inquiry: digestOf('f') }],
    ['another subject', { subjectRef: otherSubject }],
    ['another member’s composing', { asker: 'evergreen' }],
  ])('S16 that cites %s is refused at redemption as if there were nothing', (_what, change) => {
    const decision = asked({ cited: change && cited(change) });
    expect(decision).toMatchObject({ code: 'not_authorised', rules: ['gate.basis.cited'] });
    expect(asked({ cited: change && cited(change), frozen: true })).toEqual(decision);
  });

  test.each<[string, Asserted | undefined]>([
    ['without an assertion', undefined],
    ['with one by another enrolment', { ...asserted, enrolment: digestOf('f') }],
    ['with one over another inquiry', { ...asserted, inquiry: digestOf('f') }],
    ['with one of another person', { ...asserted, subjectRef: otherSubject }],
  ])('S16 %s opens no bureau, whatever the consumer service granted', (_what, fact) => {
    const decision = atBureau({ asserted: fact });
    expect(decision).toMatchObject({
      refusal: { code: 'assertion_invalid', rules: ['gate.link.assertion'] },
    });
    expect(decision).not.toHaveProperty('permit');
  });

  test('S16 is no purpose of a lender or an authority, with or without an assertion', () => {
    for (const role of ['lender', 'authority', 'broker']) {
      const other = { ...bank, roles: [role] };
      expect(asked({ asker: other, cited: cited() })).toMatchObject({ code: 'role_not_permitted' });
      expect(atBureau({ asker: other, asserted })).toMatchObject({
        refusal: { code: 'role_not_permitted' },
      });
    }
  });

  test('S36 a revocation or a pause stops it at a bureau, a freeze does not', () => {
    for (const stopped of ['revoked', 'paused', true] as const)
      expect(atBureau({ asserted, stopped })).toHaveProperty('refusal');
  });
});
