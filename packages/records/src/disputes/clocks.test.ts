import { describe, expect, it } from 'vitest';
import { clockRulesOf } from './clock-rules.ts';
import {
  expiries,
  extendClocks,
  meetClocks,
  nextDueMs,
  resumeClocks,
  startClocks,
  stopClocks,
} from './clocks.ts';
import { addWorkingDays, isWorkingDay } from './working-days.ts';

/** A Thursday. */
const at = Date.parse('2026-11-26T10:00:00+08:00');
const iso = (ms: number | null | undefined): string => new Date(ms ?? 0).toISOString();
const dues = (place: string, ms = at) =>
  Object.fromEntries(startClocks(ms, clockRulesOf(place)).map(({ dueMs, rule }) => [rule, iso(dueMs)]));

describe('the clocks of a place', () => {
  it('mark in a minute, forward in two working days, answer to the end of the twentieth day', () => {
    expect(dues('CN')).toEqual({
      'cn.dispute.mark': '2026-11-26T02:01:00.000Z',
      'cn.dispute.forward': '2026-11-30T16:00:00.000Z',
      'cn.dispute.resolve': '2026-12-16T16:00:00.000Z',
    });
  });

  it.each([
    ['CN-SH', 'cn-sh.dispute.resolve', '2026-12-07T16:00:00.000Z'],
    ['US', 'us.dispute.resolve', '2026-12-26T05:00:00.000Z'],
    ['EU', 'eu.dispute.resolve', '2026-12-26T23:00:00.000Z'],
    ['IN', 'in.dispute.total', '2026-12-26T18:30:00.000Z'],
  ])('%s: %s is due %s', (place, rule, due) => expect(dues(place)[rule]).toBe(due));

  it('tighten only: a city adds a clock to those of its nation', () => {
    expect(Object.keys(dues('CN-SH'))).toEqual([...Object.keys(dues('CN')), 'cn-sh.dispute.resolve']);
    expect(dues('XX')).toEqual({});
  });

  it('each name the law that they come from', () => {
    for (const place of ['CN', 'CN-SH', 'CN-HA', 'CN-GD-SZ', 'US', 'EU', 'IN'])
      for (const { source } of clockRulesOf(place).clocks) expect(source).not.toBe('');
  });
});

describe('working days in China', () => {
  it('leave out holidays and count what is made up for them', () => {
    expect(isWorkingDay('2026-10-01', 'CN')).toBe(false);
    expect(isWorkingDay('2026-10-10', 'CN')).toBe(true);
    expect(isWorkingDay('2026-10-11', 'CN')).toBe(false);
    expect(addWorkingDays('2026-09-30', 2, 'CN')).toBe('2026-10-09');
    expect(addWorkingDays('2026-10-08', 2, 'CN')).toBe('2026-10-10');
  });

  it('are no holidays elsewhere', () => {
    expect(isWorkingDay('2026-10-01', 'US')).toBe(true);
    expect(isWorkingDay('2026-10-10', 'US')).toBe(false);
  });
});

describe('a clock', () => {
  it('is extended once, by what its rule says, and another place says nothing', () => {
    const america = clockRulesOf('US');
    const extended = extendClocks(startClocks(at, america), america);
    expect(iso(nextDueMs(extended ?? [], 'resolve'))).toBe('2027-01-10T05:00:00.000Z');
    expect(extendClocks(extended ?? [], america)).toBeUndefined();
    expect(extendClocks(startClocks(at, clockRulesOf('CN')), clockRulesOf('CN'))).toBeUndefined();
  });

  it('stands still and is later by as long; the nation’s goes on', () => {
    const henan = clockRulesOf('CN-HA');
    const stopped = stopClocks(startClocks(at, henan), at + 1000, henan) ?? [];
    expect(expiries(stopped, at + 15 * 86_400_000, henan)).toEqual(['alarm', 'forward']);
    const day = 86_400_000;
    const resumed = resumeClocks(stopped, at + 1000 + day) ?? [];
    const due = (clocks: typeof stopped) =>
      clocks.find(({ rule }) => rule === 'cn-ha.dispute.resolve')?.dueMs;
    expect(due(resumed)).toBe((due(stopped) ?? 0) + day);
    expect(resumeClocks(resumed, at + 9 * day)).toBeUndefined();
  });

  it('that has run out says what is to be done, and is over once it is', () => {
    const rules = clockRulesOf('CN');
    const clocks = startClocks(at, rules);
    expect(expiries(clocks, at + 59_999, rules)).toEqual([]);
    expect(expiries(clocks, at + 60_000, rules)).toEqual(['alarm']);
    const marked = meetClocks(clocks, ['mark'], at + 1000);
    expect(expiries(marked, at + 60_000, rules)).toEqual([]);
    expect(expiries(marked, at + 30 * 86_400_000, rules)).toEqual(['forward', 'undetermined']);
  });
});
