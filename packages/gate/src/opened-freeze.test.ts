import { NATIONAL_POLICY } from '@causeway/policy';
import type { Inquiry } from '@causeway/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CitedInquiry } from './basis.ts';
import { decideAtBureau } from './bureau.ts';
import { decideAtConsumer } from './consumer.ts';
import { opensFreeze, stopForbidsRelease } from './stop.ts';
import {
  bank,
  bureauFacts,
  consentFacts,
  consumerFacts,
  digestOf,
  grantFor,
  inquiryUnder,
  nowS,
} from './statements.fixture.ts';

describe('redemption while a freeze is opened for the asker', () => {
  test('a covering consent is granted, and the grants name the freeze', () => {
    const consent = consentFacts();
    const facts = consumerFacts({ consent, frozen: true, openedFreeze: 7 });
    expect(decideAtConsumer(inquiryUnder(consent.digest), facts)).toMatchObject({
      ...{ decision: 'permit', grant: { despite_freeze: 7 } },
    });
  });

  test('where nothing is frozen the grants say nothing of it', () => {
    const consent = consentFacts();
    const facts = consumerFacts({ consent, openedFreeze: 7 });
    const decision = decideAtConsumer(inquiryUnder(consent.digest), facts);
    expect(decision).toMatchObject({ decision: 'permit' });
    expect(JSON.stringify(decision)).not.toContain('despite_freeze');
  });

  test('S41 every state, freeze, opening, use count and moment: a grant only when all allow it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('active', 'paused', 'revoked'),
        fc.boolean(),
        fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
        fc.integer({ min: 0, max: 5 }),
        fc.integer({ min: -5, max: 70 }),
        (state, frozen, openedFreeze, uses, later) => {
          const consent = consentFacts({ valid_until: nowS + 30 }, { state, uses });
          const open = !frozen || openedFreeze !== undefined;
          const allowed = state === 'active' && open && uses < 3 && later < 30;
          const facts = consumerFacts({ consent, frozen, openedFreeze, nowMs: (nowS + later) * 1000 });
          const { decision } = decideAtConsumer(inquiryUnder(consent.digest), facts);
          expect(decision).toBe(allowed ? 'permit' : 'deny');
        },
      ),
      { numRuns: 80 },
    );
  });

  test('it opens nothing to who has no consent of its own', () => {
    const facts = consumerFacts({ frozen: true, openedFreeze: 7 });
    expect(decideAtConsumer(inquiryUnder(digestOf('c')), facts)).toMatchObject({ code: 'not_authorised' });
    const foreign = consentFacts({ grantee: 'evergreen' });
    expect(decideAtConsumer(inquiryUnder(foreign.digest), { ...facts, consent: foreign })).toMatchObject({
      code: 'not_authorised',
    });
  });

  test('what rests on a basis stays as the freeze has it', () => {
    const cited: CitedInquiry = {
      ...{ kind: 'inquiry', digest: digestOf('d'), lender: 'abc-bank', consent: consentFacts().claims },
    };
    const claims: Partial<Inquiry> = {
      ...{ purpose: 'POST_LOAN', basis: { code: 'POST_LOAN', cited: digestOf('d') } },
      categories: ['ACCOUNT_SUMMARY'],
    };
    const inquiry = inquiryUnder(undefined, claims);
    const closed = decideAtConsumer(inquiry, consumerFacts({ cited, frozen: true }));
    const opened = decideAtConsumer(inquiry, consumerFacts({ cited, frozen: true, openedFreeze: 7 }));
    expect(opened).toEqual(closed);
  });
});

test('a warning of the subject obliges whoever is granted, and opens or closes nothing', () => {
  const consent = consentFacts();
  const obligations = (fraudAlert: boolean): readonly string[] => {
    const decision = decideAtConsumer(inquiryUnder(consent.digest), consumerFacts({ consent, fraudAlert }));
    return decision.decision === 'permit' ? decision.grant.obligations : ['denied'];
  };
  expect(obligations(true)).toEqual([...obligations(false), 'fraud_alert']);
  expect(decideAtConsumer(inquiryUnder(digestOf('x')), consumerFacts({ fraudAlert: true }))).toMatchObject({
    code: 'not_authorised',
  });
});

describe('a bureau that is frozen by status 7', () => {
  const inquiry = inquiryUnder(digestOf('c'));
  const decided = (despite: number | undefined, facts: Parameters<typeof bureauFacts>[0]) => {
    const grant = grantFor(inquiry, despite === undefined ? {} : { despite_freeze: despite });
    return 'permit' in decideAtBureau(inquiry, grant, bureauFacts(facts));
  };

  test.each([
    ['the grant names it', 7, { stopped: 'frozen', stoppedBy: 7 }, true],
    [
      'the grant names a later one, which is still on its way here',
      9,
      { stopped: 'frozen', stoppedBy: 7 },
      true,
    ],
    ['the grant names an earlier one', 6, { stopped: 'frozen', stoppedBy: 7 }, false],
    ['the grant names none', undefined, { stopped: 'frozen', stoppedBy: 7 }, false],
    ['the number is not known', 7, { stopped: 'frozen' }, false],
    ['of the stop nothing is known', 7, { stopped: true, stoppedBy: 7 }, false],
    ['it is a restriction', 7, { stopped: 'restricted', stoppedBy: 7 }, false],
    ['the consent is paused', 7, { stopped: 'paused', stoppedBy: 7 }, false],
    ['the consent is revoked', 7, { stopped: 'revoked', stoppedBy: 3 }, false],
    ['the grant is over', 7, { stopped: 'frozen', stoppedBy: 7, nowMs: (nowS + 15) * 1000 }, false],
  ] as const)('where %s', (_, despite, facts, open) => expect(decided(despite, facts)).toBe(open));
});

test('a broker hands on what was answered under a grant that opens the freeze, and nothing else', () => {
  const { claims } = inquiryUnder(digestOf('c'));
  const facts = { asker: bank, policy: NATIONAL_POLICY };
  expect(stopForbidsRelease('frozen', claims, { ...facts, opened: true })).toBe(false);
  expect(stopForbidsRelease('frozen', claims, { ...facts, opened: false })).toBe(true);
  for (const stop of ['revoked', 'restricted', 'paused'] as const) {
    expect(stopForbidsRelease(stop, claims, { ...facts, opened: true })).toBe(true);
  }
  expect(opensFreeze(undefined, 7)).toBe(false);
});
