import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { projectRecord } from '../projection.ts';
import { categories } from '../categories.ts';
import { readRecord } from '../faults.ts';
import type { AccountRecord, CreditRecord } from '../record.ts';
import { faceAt, stampOf } from './face.ts';
import type { Held, Mark } from './face.ts';
import { lateLoan, noon, unpaid } from './life.fixture.ts';
import { lifeRulesOf } from './rule-layers.ts';

const china = lifeRulesOf('CN');
const dispute: Mark = { kind: 'dispute_mark', added_on: '2026-01-05' };
const said: Mark = { kind: 'subject_statement', text: 'it was paid', added_on: '2026-01-05' };
const held = (record: CreditRecord, marks: readonly Mark[] = [], kind: Held['kind'] = 'person'): Held => ({
  ...{ record, marks, kind },
});
const at = (each: Held, date: string, rules = china) => faceAt(each, rules, noon(date));

describe('adverse information that the person was not told of', () => {
  const { notice_id: _, ...unnoticed } = unpaid();

  it('is restricted, and no category opens it', () => {
    const face = at(held(unnoticed), '2024-01-01');
    expect(face).toMatchObject({ state: 'restricted', rule: 'cn.adverse.notice' });
    expect(projectRecord(face.record, categories)).toBeNull();
    expect(stampOf(held(unnoticed), china, noon('2024-01-01')).openedBy).toBeUndefined();
  });

  it.each([
    ['with a notice', { notice_id: 'n' }],
    ['with an exemption by name', { notice_exemption: 'public' }],
  ])('%s is shown as it is', (_name, change) => {
    const record = { ...unnoticed, ...change };
    expect(at(held(record), '2024-01-01')).toEqual({ state: 'visible', record });
  });

  it('of an enterprise, or that is not adverse, needs no notice', () => {
    expect(at(held(unnoticed, [], 'enterprise'), '2024-01-01').state).toBe('visible');
    expect(at(held({ ...unnoticed, is_adverse: false }), '2024-01-01').state).toBe('visible');
  });
});

describe('a mark', () => {
  it('of an open dispute makes the record marked, and it travels', () => {
    const face = at(held(unpaid(), [dispute, said]), '2026-02-01');
    expect(face).toMatchObject({
      state: 'marked',
      record: { display_state: 'marked', marks: [dispute, said] },
    });
    expect(projectRecord(face.record, ['ACCOUNT_SUMMARY'])).toMatchObject({ marks: [dispute, said] });
    expect(readRecord(face.record, 'person')).toHaveProperty('record');
  });

  it('that is a statement travels, and the state stays', () => {
    const face = at(held(unpaid(), [said]), '2026-02-01');
    expect(face).toMatchObject({ state: 'visible', record: { marks: [said] } });
    expect(face.record).not.toHaveProperty('display_state');
  });

  it('past its last day is gone', () => {
    const ending = held(unpaid(), [{ ...dispute, ends_on: '2026-02-01' }]);
    expect(at(ending, '2026-02-01').state).toBe('marked');
    expect(at(ending, '2026-02-02')).toEqual({ state: 'visible', record: unpaid() });
  });

  it('does not bring back what is hidden, and many of them leave the disputes', () => {
    expect(at(held(lateLoan(), [dispute]), '2026-05-21')).toMatchObject({ state: 'expired' });
    const many = held(unpaid(), [...Array.from({ length: 20 }, () => said), dispute]);
    const { record } = at(many, '2026-02-01');
    expect(record.marks).toHaveLength(16);
    expect(record.marks?.[0]).toEqual(dispute);
    expect(readRecord(record, 'person')).toHaveProperty('record');
  });
});

describe('the one-off repair of 2025', () => {
  const small = lateLoan({
    ...{ native: { status: '2' }, native_scheme: 'pboc', class5: 'substandard', overdue_terms: 2 },
    ...{ expires_on: '2026-05-20', retention_rule: 'cn.adverse.expire' },
  });
  const shownRepaired = (record: AccountRecord, date: string) =>
    at(held(record), date).rule === 'cn.override.repair2025';

  it('shows the status as normal and nothing overdue, and leaves the original as it was', () => {
    const before = structuredClone(small);
    const { record, rule, state } = at(held(small), '2026-01-01');
    expect({ rule, state }).toEqual({ rule: 'cn.override.repair2025', state: 'visible' });
    expect(record).toMatchObject({
      ...{ status: 'normal', overdue_total: '0', overdue_terms: 0, balance: small.balance },
      history: { to: '2021-06', states: 'NNNNNN', overdue: ['0', '0', '0', '0', '0', '0'] },
    });
    expect(JSON.stringify(record)).not.toMatch(
      /adverse|delinquency|notice|native|expires|retention|substandard/u,
    );
    expect(readRecord(record, 'person')).toHaveProperty('record');
    expect(small).toEqual(before);
  });

  it.each([
    ['2025-11-30', '2025-12-31', '2026-01-01'],
    ['2025-12-01', '2026-01-31', '2026-02-01'],
    ['2026-03-31', '2026-04-30', '2026-05-01'],
    ['2026-03', '2026-04-30', '2026-05-01'],
  ])('of a debt repaid %s does not hold on %s and holds on %s', (adverse_ended_on, last, first) => {
    expect(shownRepaired(lateLoan({ adverse_ended_on }), last)).toBe(false);
    expect(shownRepaired(lateLoan({ adverse_ended_on }), first)).toBe(true);
  });

  it.each<[string, Partial<AccountRecord>]>([
    ['arose before the window', { adverse_started_on: '2019-12-31' }],
    ['arose after it', { adverse_started_on: '2026-01-01', adverse_ended_on: '2026-02-01' }],
    ['was repaid too late', { adverse_ended_on: '2026-04-01' }],
    ['began in a month that may lie before it', { adverse_started_on: '2019' }],
    ['is in another currency', { currency: 'HKD' }],
    ['was once above the limit', { history: { to: '2021-03', states: '1', overdue: ['1000001'] } }],
    ['has no amounts', { history: { to: '2021-03', states: '1' } }],
    ['is above the limit now', { overdue_total: '1000001' }],
  ])('does not hold for a debt that %s', (_name, change) => {
    expect(shownRepaired(lateLoan(change), '2026-05-10')).toBe(false);
  });

  it('holds for exactly 10,000 yuan, and not for an unpaid debt or an enterprise', () => {
    const limit = lateLoan({ history: { to: '2021-03', states: '1', overdue: ['1000000'] } });
    expect(shownRepaired(limit, '2026-01-01')).toBe(true);
    expect(shownRepaired(unpaid(), '2026-01-01')).toBe(false);
    expect(at(held(small, [], 'enterprise'), '2026-01-01').record).toBe(small);
  });

  it('goes by the most that was ever reported overdue where months have no amounts', () => {
    const { history: _, ...unpacked } = lateLoan();
    const most = (overdueMax: string) => at({ ...held(unpacked), overdueMax }, '2026-01-01').rule;
    expect(most('1000000')).toBe('cn.override.repair2025');
    expect([most('1000001'), most('0')]).toEqual([undefined, undefined]);
    expect(at({ ...held(small), overdueMax: '1000001' }, '2026-01-01').rule).toBeUndefined();
  });

  it('hides no month of before the window', () => {
    const history = { to: '2021-03', states: '3NN1', overdue: ['9', '0', '0', '9'] };
    const earlier = lateLoan({
      history: { ...history, to: '2020-03', states: '3NN1' },
      adverse_started_on: '2020-03',
    });
    expect(at(held(earlier), '2026-01-01').record).toMatchObject({
      history: { states: '3NNN', overdue: ['9', '0', '0', '0'] },
    });
  });
});

describe('what is said in advance', () => {
  const day = fc.integer({ min: 0, max: 4000 }).map((n) => noon('2020-01-01') + n * 86_400_000);
  const month = fc
    .integer({ min: 0, max: 80 })
    .map((n) => `${2020 + Math.floor(n / 12)}-${String((n % 12) + 1).padStart(2, '0')}`);
  const record = fc
    .record({
      from: month,
      to: fc.option(month),
      adverse: fc.boolean(),
      told: fc.boolean(),
      amount: fc.constantFrom('1', '2000000'),
    })
    .map(({ adverse, amount, from, told, to }) => {
      const {
        adverse_ended_on: _,
        notice_id: __,
        ...base
      } = lateLoan({
        ...{ is_adverse: adverse, adverse_started_on: from, first_delinquency_on: from },
        history: { to: from, states: '2', overdue: [amount] },
      });
      return {
        ...base,
        ...(told ? { notice_id: 'n' } : {}),
        ...(to === null ? {} : { adverse_ended_on: to }),
      };
    });
  const marks = fc.subarray([dispute, said]);
  const place = fc.constantFrom('CN', 'CN-SH', 'CN-HA', 'US', 'XX');

  it('holds until its time: what may travel unread is shown just so, and nothing past its end', () => {
    fc.assert(
      fc.property(record, marks, place, day, day, (each, said_of, where, a, b) => {
        const [now, later] = [Math.min(a, b), Math.max(a, b)];
        const rules = lifeRulesOf(where);
        const one = held(each, said_of);
        const stamp = stampOf(one, rules, now);
        const face = faceAt(one, rules, later);
        const ended = (stamp.expires?.ms ?? Infinity) <= later;
        const unread = !ended && stamp.openedBy && later < (stamp.dueMs ?? Infinity);
        const shown = projectRecord(face.record, categories);
        expect(ended ? shown : null).toBeNull();
        expect(unread ? face.record : one.record).toBe(one.record);
        expect(unread ? projectRecord(face.record, stamp.openedBy ?? []) : one.record).toEqual(one.record);
        expect(stamp.over ? faceAt(one, rules, now).state : 'expired').toBe('expired');
      }),
      { numRuns: 500 },
    );
  });

  it('names the next moment at which anything changes, and reaches the end of changes', () => {
    fc.assert(
      fc.property(record, day, (each, from) => {
        let moment: number | null = from;
        for (let steps = 0; moment !== null; steps += 1) {
          expect(steps).toBeLessThan(5);
          const next: number | null = stampOf(held(each), china, moment).dueMs;
          expect(next ?? Infinity).toBeGreaterThan(moment);
          moment = next;
        }
      }),
    );
  });
});
