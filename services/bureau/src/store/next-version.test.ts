import type { AccountRecord } from '@causeway/records';
import { lifeRulesOf } from '@causeway/records/life/index';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { NewVersion, Next, Prior } from './next-version.ts';
import { nextVersion } from './next-version.ts';

const at = { subjectKind: 'person', rules: lifeRulesOf('US'), nowMs: Date.parse('2026-11-20') } as const;

const report = (change: Partial<AccountRecord> = {}): AccountRecord => ({
  ...{ record: 'account', category: 'ACCOUNT_DETAIL', record_id: 'a', source_record_id: 'a' },
  ...{ as_of: '2026-10-31', account_ref: 'a', type: 'term', currency: 'CNY', status: 'normal', ...change },
});

/** What is held after a version was written. */
const after = (row: NewVersion, change: Partial<Prior> = {}): Prior => ({
  ...{ as_of: row.as_of, version: row.version, digest: row.digest, behaviour: row.behaviour },
  ...{ delinquent_since: row.delinquent_since, valid_from_ms: row.valid_from_ms, marks: null, buried: false },
  ...change,
});

function written(next: Next): NewVersion {
  if (next.kind !== 'version') throw new Error(`it came to ${next.kind}`);
  return next.row;
}

const first = written(nextVersion(report(), undefined, at));

describe('a report', () => {
  it('whatever the order of its members is the same, and makes no version', () => {
    const turned = Object.fromEntries(Object.entries(report()).toReversed()) as unknown as AccountRecord;
    expect(nextVersion(turned, after(first), at)).toEqual({ kind: 'same' });
  });

  it('of an older day replaces nothing, nor does it bring back what was deleted', () => {
    const older = report({ as_of: '2026-10-30', balance: '7' });
    expect(nextVersion(older, after(first), at)).toEqual({ kind: 'older' });
    expect(nextVersion(older, after(first, { buried: true }), at)).toEqual({ kind: 'older' });
    expect(nextVersion(report(), after(first, { buried: true }), at)).toEqual({ kind: 'same' });
  });

  it('that types in what is derived here is not believed', () => {
    const typed = report({
      version: 9,
      expires_on: '2099-01-01',
      retention_rule: 'mine',
      display_override: 'x',
    });
    expect(nextVersion(typed, after(first), at)).toEqual({ kind: 'same' });
    const body = JSON.parse(written(nextVersion(typed, undefined, at)).body) as object;
    expect(body).toEqual({ ...report(), version: 1 });
  });

  it('by a clock that stepped back begins when the one before it did, never earlier', () => {
    const later = after(first, { valid_from_ms: at.nowMs + 5000 });
    expect(written(nextVersion(report({ balance: '1' }), later, at)).valid_from_ms).toBe(at.nowMs + 5000);
  });

  it('of a notice for one behaviour is none for another', () => {
    const rules = lifeRulesOf('CN');
    const adverse = (change: object) =>
      report({ is_adverse: true, adverse_started_on: '2026-01-01', ...change });
    const told = written(nextVersion(adverse({ notice_id: 'n' }), undefined, { ...at, rules }));
    const next = (change: object) => written(nextVersion(adverse(change), after(told), { ...at, rules }));
    expect(next({ balance: '1' })).toMatchObject({ opened_by: 'ACCOUNT_DETAIL', behaviour: told.behaviour });
    expect(next({ adverse_started_on: '2026-05-01' })).toMatchObject({ opened_by: null });
  });
});

describe('an adverse behaviour', () => {
  const adverse = (change: Partial<AccountRecord>) =>
    report({ is_adverse: true, adverse_started_on: '2026-01-01', ...change });
  const remembered = (row: NewVersion) => JSON.parse(row.behaviour ?? 'null') as unknown;

  it('is remembered by the most that was overdue, and forgotten with the next one', () => {
    const much = written(nextVersion(adverse({ overdue_total: '900' }), undefined, at));
    const paid = written(nextVersion(adverse({ overdue_total: '0' }), after(much), at));
    expect(remembered(paid)).toEqual({ began: '2026-01-01', overdue_max: '900' });
    const next = adverse({ adverse_started_on: '2026-06-01', overdue_total: '5' });
    expect(remembered(written(nextVersion(next, after(paid), at)))).toMatchObject({ overdue_max: '5' });
    expect(remembered(written(nextVersion(report({ balance: '1' }), after(paid), at)))).toBeNull();
  });
});

describe('any history of reports', () => {
  const day = fc.integer({ min: 1, max: 28 }).map((n) => String(n).padStart(2, '0'));
  const delinquent = fc.option(
    fc.integer({ min: 2015, max: 2025 }).map((year) => `${year}-06-30`),
    { nil: undefined },
  );
  const reports = fc.array(
    fc.record({ on: day, balance: fc.constantFrom('0', '1', '2'), since: delinquent }).map((each) =>
      report({
        ...{ as_of: `2026-10-${each.on}`, balance: each.balance, is_adverse: each.since !== undefined },
        ...(each.since === undefined ? {} : { first_delinquency_on: each.since }),
      }),
    ),
    { minLength: 1, maxLength: 20 },
  );

  it('counts versions without a gap, goes forward in days, and makes no debt younger', () => {
    fc.assert(
      fc.property(reports, (all) => {
        let held: Prior | undefined;
        for (const each of all) {
          const next = nextVersion(each, held, at);
          if (next.kind !== 'version') continue;
          const { row } = next;
          expect(row.version).toBe((held?.version ?? 0) + 1);
          expect(row.as_of >= (held?.as_of ?? '')).toBe(true);
          expect((row.delinquent_since ?? '9') <= (held?.delinquent_since ?? '9')).toBe(true);
          held = after(row);
        }
        expect(held?.version).toBeGreaterThan(0);
      }),
    );
  });
});
