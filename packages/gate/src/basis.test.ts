import { generateKey, signingKeyFromJwk, thumbprint, verifyWarrant } from '@causeway/protocol';
import type { PrivateJwk, SignedAct, SoundWarrant } from '@causeway/protocol';
import { encodeBase64url } from '@causeway/protocol/base64url';
import { suiteOf } from '@causeway/protocol/suite';
import { describe, expect, test } from 'vitest';
import type { CitedInquiry } from './basis.ts';
import { decideAtConsumer, type ConsumerFacts } from './consumer.ts';
import { stopForbidsRelease } from './stop.ts';
import {
  bank,
  consentFacts,
  consumerFacts,
  digestOf,
  inquiryUnder,
  nowS,
  otherSubject,
  subject,
} from './statements.fixture.ts';

type InquiryClaims = Parameters<typeof inquiryUnder>[1];

const cited = (change: Partial<CitedInquiry> = {}, consent = consentFacts().claims): CitedInquiry => ({
  ...{ kind: 'inquiry', digest: digestOf('d'), lender: 'abc-bank', consent },
  ...change,
});

const asked = (
  purpose: 'POST_LOAN' | 'COLLECTION',
  facts: Partial<ConsumerFacts>,
  inquiry: InquiryClaims = {},
) => {
  const basis = { code: purpose, cited: digestOf('d') };
  const claims = { purpose, basis, categories: ['ACCOUNT_SUMMARY' as const], ...inquiry };
  return decideAtConsumer(inquiryUnder(undefined, claims), consumerFacts(facts));
};

/** What a lender learns that cites an inquiry which nobody ever made. */
const absent = asked('POST_LOAN', {});

describe('post-loan management and collection', () => {
  test('reach the bureaus of the cited consent, bound to the own account, and name no consent', () => {
    expect(asked('POST_LOAN', { cited: cited() })).toMatchObject({
      decision: 'permit',
      rules: ['cn.purpose.post_loan'],
      bureaus: ['central', 'lotus'],
      grant: {
        ground: { basis: 'POST_LOAN' },
        categories: ['ACCOUNT_SUMMARY'],
        obligations: expect.arrayContaining(['own.open_account']) as string[],
        strength: 'idp',
      },
    });
    expect(asked('COLLECTION', { cited: cited() })).toMatchObject({
      grant: { obligations: expect.arrayContaining(['own.accounts_only', 'own.open_account']) as string[] },
    });
  });

  test('where the cited consent names the purpose, its bureaus answer without an own account', () => {
    const named = consentFacts({ purposes: ['LOAN_APPROVAL', 'POST_LOAN'] }).claims;
    const decision = asked('POST_LOAN', { cited: cited({}, named) });
    if (decision.decision === 'deny') throw new Error(decision.code);
    expect(decision.grant.obligations).not.toContain('own.open_account');
  });

  test.each<[string, Partial<ConsumerFacts>, InquiryClaims]>([
    ['nothing that exists', {}, {}],
    ['another inquiry than the one at hand', { cited: cited({ digest: digestOf('e') }) }, {}],
    ['an inquiry of another member', { cited: cited({ lender: 'evergreen' }) }, {}],
    [
      'an inquiry under another member’s consent',
      { cited: cited({}, consentFacts({ grantee: 'evergreen' }).claims) },
      {},
    ],
    [
      'an inquiry on another subject',
      { cited: cited({}, consentFacts({ subject_ref: otherSubject }).claims) },
      {},
    ],
    ['an inquiry on another subject than asked', { cited: cited() }, { subject_ref: otherSubject }],
    ['nothing, while frozen', { frozen: true }, {}],
    [
      'an inquiry of another member, while frozen',
      { frozen: true, cited: cited({ lender: 'evergreen' }) },
      {},
    ],
  ])('S16 that cite %s are refused as if there were nothing', (_what, facts, inquiry) => {
    for (const purpose of ['POST_LOAN', 'COLLECTION'] as const) {
      const decision = asked(purpose, facts, inquiry);
      expect(decision).toEqual(absent);
      expect(decision).toMatchObject({ code: 'not_authorised', rules: ['gate.basis.cited'] });
    }
  });

  test('S16 a consent at hand is no ground for an inquiry on a basis', () => {
    expect(asked('POST_LOAN', { consent: consentFacts() })).toEqual(absent);
  });

  test('S16 a freeze stops both, and who may know it learns it', () => {
    for (const purpose of ['POST_LOAN', 'COLLECTION'] as const) {
      expect(asked(purpose, { cited: cited(), frozen: true })).toMatchObject({ code: 'subject_frozen' });
    }
  });

  test('a basis of another purpose, a deadline that has come, a suspended member', () => {
    const other = { basis: { code: 'COLLECTION', cited: digestOf('d') } };
    expect(asked('POST_LOAN', { cited: cited() }, other)).toMatchObject({ code: 'purpose_not_permitted' });
    const late = { cited: cited(), nowMs: (nowS + 60) * 1000 };
    expect(asked('POST_LOAN', late)).toMatchObject({ code: 'deadline_passed' });
    const asker = { ...bank, status: 'suspended' as const };
    expect(asked('POST_LOAN', { cited: cited(), asker })).toMatchObject({ code: 'member_suspended' });
  });
});

const officers = [generateKey(), generateKey()] as const;

/** A warrant on the subject of these tests, signed by two officers whom the directory lists. */
function warrant(change: Record<string, unknown> = {}): SoundWarrant {
  const payload = {
    ...{ fed: 'sandbox', iat: nowS - 100, jti: '0199aaaa-0000-7000-8000-000000000001', act: 'warrant' },
    ...{ purpose: 'JUDICIAL', subject_ref: subject, categories: ['ACCOUNT_SUMMARY'], bureaus: ['harbour'] },
    ...{ paper: digestOf('p'), valid_from: nowS - 60, valid_until: nowS + 60, ...change },
  };
  const part = (value: unknown) => encodeBase64url(new TextEncoder().encode(JSON.stringify(value)));
  const encoded = part(payload);
  const signed: SignedAct = {
    payload: encoded,
    signatures: officers.map((key) => signature(key, encoded, part)),
  };
  const keys = officers.map(({ kty, crv, x }) => ({
    jwk: { kty, crv, x },
    use: ['warrant' as const],
    from: 0,
  }));
  return verifyWarrant(signed, { fed: 'sandbox', authority: { keys } });
}

function signature(key: PrivateJwk, payload: string, part: (value: unknown) => string) {
  const { jwk, private: secret } = signingKeyFromJwk('authority', key);
  const header = part({ typ: 'causeway-act+jws', alg: 'Ed25519', kid: thumbprint(jwk) });
  return { protected: header, signature: encodeBase64url(suiteOf(jwk).sign(secret, `${header}.${payload}`)) };
}

describe('a warrant', () => {
  const authority = { ...bank, roles: ['authority'] };
  const byWarrant = (
    sound: SoundWarrant,
    inquiry: InquiryClaims = {},
    facts: Partial<ConsumerFacts> = {},
  ) => {
    const basis = { code: 'JUDICIAL', cited: sound.digest };
    const claims = {
      purpose: 'JUDICIAL' as const,
      basis,
      categories: ['ACCOUNT_SUMMARY' as const],
      ...inquiry,
    };
    const known = { asker: authority, cited: { kind: 'warrant' as const, sound }, ...facts };
    return decideAtConsumer(inquiryUnder(undefined, claims), consumerFacts(known));
  };

  test('reaches the bureaus it names, also while the subject has frozen access', () => {
    for (const frozen of [false, true]) {
      expect(byWarrant(warrant(), {}, { frozen })).toMatchObject({
        decision: 'permit',
        bureaus: ['harbour'],
        grant: { ground: { basis: 'JUDICIAL' }, strength: 'assisted' },
      });
    }
  });

  test.each<[string, Record<string, unknown>, InquiryClaims]>([
    ['another purpose', { purpose: 'SUPERVISION' }, {}],
    ['another subject', { subject_ref: otherSubject }, {}],
    ['another subject asked', {}, { subject_ref: otherSubject }],
    ['one category more', {}, { categories: ['ACCOUNT_SUMMARY', 'ACCOUNT_DETAIL'] }],
    ['one category less', { categories: ['ACCOUNT_SUMMARY', 'ACCOUNT_DETAIL'] }, {}],
    ['another warrant', {}, { basis: { code: 'JUDICIAL', cited: digestOf('w') } }],
    ['one that is not in force yet', { valid_from: nowS + 1 }, {}],
    ['one that has ended', { valid_until: nowS }, {}],
  ])('S16 and an inquiry that do not agree, %s: refused as if there were none', (_what, change, inquiry) => {
    const none = byWarrant(warrant(), {}, { cited: undefined });
    expect(byWarrant(warrant(change), inquiry)).toEqual(none);
    expect(none).toMatchObject({ code: 'not_authorised', rules: ['gate.basis.cited'] });
  });

  test('S16 does nothing for a lender, and an inquiry of a lender is no warrant', () => {
    expect(byWarrant(warrant(), {}, { asker: bank })).toMatchObject({ code: 'role_not_permitted' });
    expect(byWarrant(warrant(), {}, { cited: cited() })).toMatchObject({ code: 'not_authorised' });
  });
});

describe('handing on what was answered before', () => {
  const policy = consumerFacts().policy;
  const inquiry = inquiryUnder(digestOf('c')).claims;
  const court = inquiryUnder(undefined, {
    ...{
      purpose: 'JUDICIAL',
      basis: { code: 'JUDICIAL', cited: digestOf('w') },
      categories: ['ACCOUNT_SUMMARY'],
    },
  }).claims;
  const asker = { ...bank, roles: ['lender', 'authority'] };

  test('S36 every stop forbids it, but a freeze to a court', () => {
    expect(stopForbidsRelease(undefined, inquiry, { asker, policy })).toBe(false);
    for (const stop of ['revoked', 'paused', 'frozen'] as const) {
      expect(stopForbidsRelease(stop, inquiry, { asker, policy })).toBe(true);
      expect(stopForbidsRelease(stop, court, { asker, policy })).toBe(stop !== 'frozen');
    }
  });

  test('what cannot be decided forbids', () => {
    expect(stopForbidsRelease('frozen', court, { asker: undefined, policy })).toBe(true);
    const broken = { version: 'x' } as unknown as typeof policy;
    expect(stopForbidsRelease('frozen', court, { asker, policy: broken })).toBe(true);
  });
});
