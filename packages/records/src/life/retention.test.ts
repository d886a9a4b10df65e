import { addDays, dateOfDayNumber } from '@causeway/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgment, lateLoan, noon, unpaid } from './life.fixture.ts';
import { effectAt, fatesOf } from './retention.ts';
import type { Lived } from './retention.ts';
import { lifeRulesOf } from './rule-layers.ts';

const china = lifeRulesOf('CN');
const shanghai = lifeRulesOf('CN-SH');
const henan = lifeRulesOf('CN-HA');
const america = lifeRulesOf('US');
const person = (record: Lived['record'], delinquentSince?: string): Lived => ({
  ...{ record, kind: 'person', delinquentSince },
});
const first = (lived: Lived, rules = china) => fatesOf(lived, rules)[0];

describe('adverse information of a person in China', () => {
  it.each([
    ['2020-02-29', '2025-02-28'],
    ['2019-02-28', '2024-02-28'],
    ['2021-05-20', '2026-05-20'],
    ['2021-05', '2026-05-31'],
    ['2020-02', '2025-02-28'],
    ['2021', '2026-12-31'],
  ])('that ended %s is kept to the end of %s in Shanghai', (ended, on) => {
    const fate = first(person(lateLoan({ adverse_ended_on: ended })));
    expect(fate).toMatchObject({ rule: 'cn.adverse.expire', effect: 'delete', on });
    expect(fate?.ms).toBe(Date.parse(`${addDays(on, 1)}T00:00:00+08:00`));
  });

  it('has no end while the debt is unpaid, nor once the payment was reversed', () => {
    expect(fatesOf(person(unpaid()), china)).toEqual([]);
    expect(fatesOf(person(unpaid({ adverse_started_on: '1999-01-01' })), china)).toEqual([]);
  });

  it('has no end from dates that no clock reaches, and none for what is not adverse', () => {
    expect(fatesOf(person(lateLoan({ adverse_ended_on: '9999-12-31' })), china)).toEqual([]);
    expect(fatesOf(person(lateLoan({ is_adverse: false })), china)).toEqual([]);
  });

  it('of an enterprise stays', () => {
    expect(fatesOf({ record: lateLoan(), kind: 'enterprise' }, china)).toEqual([]);
  });

  it('of before the Regulation ends by it too', () => {
    expect(first(person(lateLoan({ adverse_ended_on: '2010-01-31' })))).toMatchObject({ on: '2015-01-31' });
  });

  it('under a rule that leaves running clocks alone, started before it, is not governed by it', () => {
    const retention = china.retention.map((rule) => ({ ...rule, appliesToRunning: false }));
    const ended = (adverse_ended_on: string) =>
      fatesOf(person(lateLoan({ adverse_ended_on })), { ...china, retention });
    expect(ended('2013-03-14')).toEqual([]);
    expect(ended('2013-03-15')).toHaveLength(1);
  });
});

describe('a public record', () => {
  it('is kept to the end of its register, and of its own time where that is earlier', () => {
    const adverse = { is_adverse: true, adverse_ended_on: '2020-06-30', notice_exemption: 'public' };
    const until = (public_register_until: string) =>
      first(person(judgment({ ...adverse, public_register_until })));
    expect(until('2024-03-31')).toMatchObject({ rule: 'register.until', on: '2024-03-31' });
    expect(until('2027-03-31')).toMatchObject({ rule: 'cn.adverse.expire', on: '2025-06-30' });
    expect(fatesOf(person(judgment()), china)).toEqual([]);
  });
});

describe('the clock of a debt in the United States', () => {
  it('runs seven years from 180 days after the first delinquency', () => {
    const fate = first(person(unpaid()), america);
    expect(fate).toMatchObject({ rule: 'us.obsolete.7y', effect: 'suppress', on: '2028-09-01' });
  });

  it('is never started anew: a debt re-aged by its sale keeps its first date', () => {
    const sold = unpaid({ first_delinquency_on: '2024-01-31', lender_ref: 'buyer-1' });
    expect(first(person(sold, '2021-03-05'), america)).toEqual(first(person(unpaid()), america));
    const older = unpaid({ first_delinquency_on: '2020-01-31' });
    expect(first(person(older, '2021-03-05'), america)).toEqual(first(person(older), america));
  });

  it('does not run without that date, whatever else is known', () => {
    const { first_delinquency_on: _, ...undated } = lateLoan();
    expect(fatesOf(person(undated), america)).toEqual([]);
  });

  it.each([
    ['judgment', 'us.obsolete.public', '2027-02-10'],
    ['bankruptcy', 'us.bankruptcy', '2030-02-10'],
  ] as const)('a %s has its own rule', (kind, rule, on) => {
    expect(fatesOf(person(judgment({ kind, is_adverse: true })), america)).toMatchObject([{ rule, on }]);
  });
});

describe('a layer', () => {
  it('Shanghai: what an enterprise did is kept, and not provided after five years', () => {
    const fate = first({ record: lateLoan(), kind: 'enterprise' }, shanghai);
    expect(fate).toMatchObject({ rule: 'cn-sh.adverse.not_provided', effect: 'suppress', on: '2026-05-20' });
  });

  it('Henan: it is archived; what is to be deleted by national law is deleted all the same', () => {
    const after = noon('2026-05-21');
    const at = (kind: Lived['kind']) => effectAt(fatesOf({ record: lateLoan(), kind }, henan), after);
    expect(at('enterprise')).toMatchObject({ rule: 'cn-ha.adverse.archive', effect: 'archive' });
    expect(at('person')).toMatchObject({ rule: 'cn.adverse.expire', effect: 'delete' });
  });

  const day = fc.integer({ min: 7000, max: 30_000 }).map(dateOfDayNumber);
  const lived = fc.record({
    kind: fc.constantFrom<Lived['kind']>('person', 'enterprise'),
    record: fc.record({ from: day, to: day, adverse: fc.boolean() }).map(({ adverse, from, to }) =>
      lateLoan({
        is_adverse: adverse,
        adverse_started_on: from,
        first_delinquency_on: from,
        adverse_ended_on: to,
      }),
    ),
  });
  const order = [undefined, 'suppress', 'archive', 'delete'];

  it('below another can only tighten: no record lives longer or is shown more', () => {
    const nested = fc.constantFrom(['CN', 'CN-SH'], ['CN', 'CN-HA'], ['', 'CN'], ['', 'US']);
    fc.assert(
      fc.property(lived, nested, day, (each, [above = '', below = ''], on) => {
        const [wide, narrow] = [fatesOf(each, lifeRulesOf(above)), fatesOf(each, lifeRulesOf(below))];
        const effect = (fates: typeof wide) => order.indexOf(effectAt(fates, noon(on))?.effect);
        expect(effect(narrow)).toBeGreaterThanOrEqual(effect(wide));
        expect(narrow[0]?.ms ?? Infinity).toBeLessThanOrEqual(wide[0]?.ms ?? Infinity);
      }),
    );
  });

  it('of no rules has those above it; a name that only begins alike is another place', () => {
    expect(lifeRulesOf('CN-XX').retention).toEqual(china.retention);
    expect(lifeRulesOf('CNX').retention.map(({ id }) => id)).toEqual(['register.until']);
  });

  it('an end once reached stays reached, and comes the later the later the behaviour ended', () => {
    fc.assert(
      fc.property(day, day, fc.nat(4000), (a, b, later) => {
        const [early, late] = a < b ? [a, b] : [b, a];
        const ends = [early, late].map((adverse_ended_on) => first(person(lateLoan({ adverse_ended_on }))));
        expect(ends[0]?.ms).toBeLessThanOrEqual(ends[1]?.ms ?? 0);
        expect(effectAt(ends.slice(0, 1) as never, (ends[0]?.ms ?? 0) + later)).toEqual(ends[0]);
        expect(effectAt(ends.slice(0, 1) as never, (ends[0]?.ms ?? 0) - 1)).toBeUndefined();
      }),
    );
  });
});
