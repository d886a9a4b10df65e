import { describe, expect, test } from 'vitest';
import { type Leg, judgeInquiry } from './pairing.ts';
import { allRead, foundIn, rolesOf } from './pairing.fixture.ts';

const leg = (typ: string, member: string, more: Partial<Leg> = {}): Leg => ({
  ...{ typ, member, iss: member, aud: 'abc-bank', digest: `${typ} of ${member}`, inquiry: 'asked', use: 1 },
  ...{ index: 4, seenMs: 1000, ...more },
});
const asked = leg('inquiry', 'broker', { digest: 'asked', iss: 'abc-bank', aud: 'broker', use: null });
const granted = leg('grant', 'consumer', { aud: 'central' });
const disclosed = leg('disclosure', 'central');

describe('a disclosure', () => {
  test.each<[string, Leg[]]>([
    ['no grant', [asked]],
    ['a grant for another use', [asked, { ...granted, use: 2 }]],
    ['a grant for another bureau', [asked, { ...granted, aud: 'lotus' }]],
    ['the grant of its own bureau', [asked, { ...granted, member: 'central', iss: 'central' }]],
    ['a grant that another issued', [asked, { ...granted, iss: 'broker' }]],
  ])('with %s has none', (_what, others) => {
    expect(foundIn([...others, disclosed])).toContain('disclosure_without_grant central 4');
  });

  test.each<[string, Leg[]]>([
    ['no inquiry', [granted]],
    ['an inquiry of a broker that it is not addressed to', [granted, { ...asked, aud: 'other-broker' }]],
    ['an inquiry at a bureau only', [granted, { ...asked, member: 'lotus', aud: 'lotus' }]],
  ])('with %s has none', (_what, others) => {
    expect(foundIn([...others, disclosed])).toContain('disclosure_without_inquiry central 4');
  });

  test('beside a refusal of the same use is a second answer', () => {
    const both = [asked, granted, disclosed, leg('refusal', 'central', { index: 9 })];
    expect(foundIn(both)).toEqual(['second_answer central 9']);
  });

  test('of a bureau in the ledger of another is not where it belongs', () => {
    expect(foundIn([asked, granted, { ...disclosed, member: 'lotus' }])).toEqual(['misplaced_leaf lotus 4']);
  });
});

describe('what is missing', () => {
  const grantUnread = { ...allRead, readThrough: (role: string) => role !== 'consumer' };

  test('in a ledger that has not been read so far is waited for', () => {
    const { findings, paired, waiting } = judgeInquiry([asked, disclosed], grantUnread);
    expect([findings, paired, waiting]).toEqual([[], 1, 1]);
  });

  test('is found in the one ledger while another is waited for', () => {
    const { findings, waiting } = judgeInquiry([disclosed], grantUnread);
    expect(findings.map(({ kind }) => kind)).toEqual(['disclosure_without_inquiry']);
    expect(waiting).toBe(1);
  });

  test('is no alarm before the grace is over', () => {
    const judged = (patientSinceMs: number) =>
      judgeInquiry([asked, disclosed], { rolesOf, readThrough: () => true, patientSinceMs });
    expect(judged(999)).toEqual({ findings: [], paired: 1, waiting: 1 });
    expect(judged(1000).findings).toHaveLength(1);
  });
});

test('an inquiry of the authority stands in its ledger too, and needs nothing there', () => {
  const signed = { ...asked, iss: 'authority' };
  expect(foundIn([signed, { ...signed, member: 'authority' }])).toEqual([]);
});

test('a statement of a kind that is not known here is left alone', () => {
  expect(judgeInquiry([leg('correction', 'central')], allRead).findings).toEqual([]);
});
