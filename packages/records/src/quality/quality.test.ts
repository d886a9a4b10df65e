import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { earlierInquiry, enterprise, loan, payment, person } from '../record.fixture.ts';
import type { AccountRecord, CreditRecord } from '../record.ts';
import { QualityTally, scoreQuality } from './index.ts';
import type { QualityCounts } from './index.ts';
import { qualityWeights, timelyDays, timelyPoints } from './weights.ts';

/** The counts of a file that came on 3 July 2025 and holds these records, one a line. */
function counted(records: readonly CreditRecord[], rejected: readonly string[] = [], on = '2025-07-03') {
  const tally = new QualityTally(on);
  for (const record of records) tally.line([record]);
  for (const rule of rejected) tally.rejected(rule);
  return tally.counts;
}

const score = (records: readonly CreditRecord[], rejected: readonly string[] = [], on?: string) =>
  scoreQuality(counted(records, rejected, on));
const changed = (change: Partial<AccountRecord>): AccountRecord => ({ ...loan, ...change });
const without = (field: keyof AccountRecord): AccountRecord =>
  Object.fromEntries(Object.entries(loan).filter(([name]) => name !== field)) as unknown as AccountRecord;

describe('the formula', () => {
  it('is the weighted mean of four shares, on an example that can be followed by hand', () => {
    const counts: QualityCounts = new Map([
      ...([
        ['lines', 200],
        ['rejected.decimal', 10],
        ['rejected.code', 10],
      ] as const),
      ...([
        ['expected.account', 1000],
        ['present.account', 800],
      ] as const),
      ...([
        ['timely.3', 90],
        ['timely.31', 90],
      ] as const),
      ...([
        ['checked.opened_by_as_of', 180],
        ['broken.opened_by_as_of', 45],
      ] as const),
    ]);
    expect(scoreQuality(counts)).toEqual({
      // (30 x 80 + 25 x 75 + 25 x 90 + 20 x 75) / 100
      index: 80.3,
      components: { completeness: 80, timeliness: 75, validity: 90, consistency: 75 },
      rejects: { code: 10, decimal: 10 },
      broken: { opened_by_as_of: 45 },
    });
  });

  it('has weights that make a hundred, and points that fall with the days', () => {
    expect(Object.values(qualityWeights).reduce((a, b) => a + b, 0)).toBe(100);
    expect([...timelyPoints.values()]).toEqual([...timelyPoints.values()].toSorted((a, b) => b - a));
    expect(timelyDays).toEqual(timelyDays.toSorted((a, b) => a - b));
  });

  it('says null, not zero, where nothing was counted', () => {
    const none = { completeness: null, timeliness: null, validity: null, consistency: null };
    expect(scoreQuality(new Map())).toEqual({ index: null, components: none, rejects: {}, broken: {} });
    expect(score([], ['identifier_check']).components).toEqual({ ...none, validity: 0 });
  });
});

const rules = ['decimal', 'code', 'identifier_check', 'required'];
const record = fc.record({
  status: fc.constantFrom('normal', 'overdue', 'settled'),
  balance: fc.constantFrom('0', '500', '404760', '999999999'),
  overdue_total: fc.option(fc.constantFrom('0', '100', '20000'), { nil: undefined }),
  as_of: fc.constantFrom('2025', '2025-06', '2025-06-30', '2025-05-31', '2020-01-01', '2026-01-01'),
  opened: fc.option(fc.constantFrom('2024', '2025-12-31', '2010-02-02'), { nil: undefined }),
});
const records = fc.array(
  record.map((change) => {
    const entries = Object.entries({ ...loan, ...change }).filter(([, value]) => value !== undefined);
    return Object.fromEntries(entries) as unknown as AccountRecord;
  }),
  { maxLength: 20 },
);
const rejections = fc.array(fc.constantFrom(...rules), { maxLength: 20 });

/** Any numbers at all under the names that are counted: what a damaged table may hold. */
const anyCounts = fc
  .dictionary(
    fc.constantFrom(
      ...['lines', 'rejected.code', 'expected.account', 'present.account', 'timely.3', 'timely.later'],
      ...['checked.opened_by_as_of', 'broken.opened_by_as_of', 'unheard.of'],
    ),
    fc.nat(),
  )
  .map((counts) => new Map(Object.entries(counts)));

describe('the index', () => {
  it('lies between 0 and 100 or is null, whatever the counts', () => {
    fc.assert(
      fc.property(anyCounts, (counts) => {
        const { components, index } = scoreQuality(counts);
        for (const points of [index, ...Object.values(components)])
          expect(points === null || (points >= 0 && points <= 100)).toBe(true);
      }),
    );
  });

  it('never rises with a line more that is refused', () => {
    fc.assert(
      fc.property(records, rejections, fc.constantFrom(...rules), (taken, refused, rule) => {
        fc.pre(taken.length > 0);
        const [before, after] = [score(taken, refused), score(taken, [...refused, rule])];
        expect(after.index).toBeLessThanOrEqual(before.index ?? 0);
      }),
    );
  });

  it('never rises with days more, and never falls with fewer', () => {
    fc.assert(
      fc.property(records, fc.nat(400), fc.nat(400), (taken, a, b) => {
        const on = (days: number) => new Date(Date.UTC(2026, 1, 1 + days)).toISOString().slice(0, 10);
        const [soon, late] = [score(taken, [], on(Math.min(a, b))), score(taken, [], on(Math.max(a, b)))];
        expect(late.components.timeliness ?? 0).toBeLessThanOrEqual(soon.components.timeliness ?? 0);
        expect(late.index ?? 0).toBeLessThanOrEqual(soon.index ?? 0);
      }),
    );
  });

  it('never rises where a field that was there is missing', () => {
    fc.assert(
      fc.property(records, (taken) => {
        fc.pre(taken.length > 0);
        const [first, ...rest] = taken;
        const { class5: _, ...less } = first ?? loan;
        const after = score([less, ...rest]).components.completeness ?? 0;
        expect(after).toBeLessThanOrEqual(score(taken).components.completeness ?? 0);
      }),
    );
  });

  it('does not depend on the order of lines or on how chunks cut them', () => {
    fc.assert(
      fc.property(records, rejections, fc.nat(20), (taken, refused, cut) => {
        const sum = new Map<string, number>();
        for (const part of [counted(taken.slice(cut).toReversed(), refused), counted(taken.slice(0, cut))])
          for (const [name, n] of part) sum.set(name, (sum.get(name) ?? 0) + n);
        expect(scoreQuality(sum)).toEqual(score(taken, refused));
      }),
    );
  });
});

describe('completeness', () => {
  it.each([loan, payment, earlierInquiry, person, enterprise])('counts what a %j may say', (each) => {
    const { completeness } = score([each]).components;
    expect(completeness === null || completeness < 100).toBe(true);
  });

  it('falls with a field left out, and not with one that does not apply', () => {
    const whole = score([loan]).components.completeness ?? 0;
    expect(score([without('history')]).components.completeness).toBeLessThan(whole);
    const excused = { ...without('history'), absent: { ...loan.absent, history: 'not_applicable' as const } };
    const unexcused = { ...without('history'), absent: { ...loan.absent, history: 'not_reported' as const } };
    expect(score([excused]).components.completeness).toBeGreaterThan(
      score([unexcused]).components.completeness ?? 0,
    );
  });
});

describe('timeliness', () => {
  it.each([
    ['2025-06-30', '2025-07-03', 100],
    ['2025-06-30', '2025-07-04', 90],
    ['2025-06', '2025-07-03', 100],
    ['2025', '2025-07-03', 100],
    ['2025-06-30', '2025-07-16', 50],
    ['2025-02-28', '2025-07-03', 0],
    ['2025-02-30', '2025-07-03', 0],
  ])('facts of %s that came on %s have %i points', (as_of, on, points) => {
    expect(score([changed({ as_of })], [], on).components.timeliness).toBe(points);
  });

  it('a day of receipt that does not exist is refused', () => {
    expect(() => new QualityTally('2025-02-30')).toThrow(RangeError);
  });
});

describe('consistency', () => {
  it('finds nothing wrong with a record that agrees with itself', () => {
    expect(score([loan]).broken).toEqual({});
  });

  it.each([
    ['overdue_has_amount', { status: 'overdue', overdue_total: '0' }],
    ['normal_owes_nothing', { overdue_total: '1' }],
    ['ended_has_no_balance', { status: 'settled', balance: '1' }],
    [
      'history_says_status',
      { status: 'overdue', overdue_total: '5', history: { to: '2025-06', states: 'NN' } },
    ],
    ['history_says_status', { history: { to: '2025-06', states: 'N3' } }],
    ['used_within_limit', { type: 'credit_card', limit: '99', used: '100' }],
    ['balance_within_original', { balance: '1000000' }],
    ['buckets_within_overdue', { status: 'overdue', overdue_total: '5', overdue_principal: { d31_60: '6' } }],
    ['opened_before_due', { due: '2023' }],
    ['opened_before_closed', { closed: '2023-12' }],
    ['opened_by_as_of', { opened: '2025-07-01' }],
    ['as_of_by_receipt', { as_of: '2025-07-04' }],
    ['reported_by_receipt', { reported_on: '2025-07-04' }],
  ] as const)('%s is broken by %j', (rule, change) => {
    const found = score([changed(change)]);
    expect(found.broken).toHaveProperty(rule, 1);
    expect(found.components.consistency).toBeLessThan(100);
  });

  it('says nothing of months that a history does not reach', () => {
    expect(score([changed({ history: { to: '2025-04', states: 'N3' } })]).broken).toEqual({});
  });
});
