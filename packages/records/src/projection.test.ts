import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { categories } from './categories.ts';
import { openingCategories, projectRecord, withinCategories } from './projection.ts';
import type { CreditRecord } from './record.ts';
import { anyRecord, recordArbitraries } from './record-arbitraries.fixture.ts';
import { membersOf } from './record-members.ts';
import { earlierInquiry, enterprise, loan, payment, person } from './record.fixture.ts';

const all = [...categories];

describe('what the categories open', () => {
  test('S43: a summary has no detail and no history, not even the reason for a missing detail', () => {
    const summary = projectRecord(loan, ['ACCOUNT_SUMMARY']);
    expect(summary).not.toHaveProperty('history');
    expect(summary).not.toHaveProperty('term_count');
    expect(summary).not.toHaveProperty('class5');
    expect(summary).toMatchObject({ balance: '404760', absent: { limit: 'not_applicable' } });
    expect(summary?.absent).not.toHaveProperty('remaining_terms');
  });

  test('S43: history opens with its own category only', () => {
    expect(projectRecord(loan, ['ACCOUNT_SUMMARY', 'ACCOUNT_DETAIL'])).not.toHaveProperty('history');
    expect(projectRecord(loan, ['ACCOUNT_SUMMARY', 'REPAYMENT_HISTORY'])).toHaveProperty('history');
    expect(projectRecord(loan, ['REPAYMENT_HISTORY'])).toBeNull();
  });

  test('all categories open all fields', () => {
    for (const record of [loan, payment, earlierInquiry, person, enterprise]) {
      expect(projectRecord(record, all)).toEqual(record);
    }
  });

  test('S43: a record whose category is not consented does not appear', () => {
    expect(projectRecord({ ...loan, category: 'ACCOUNT_DETAIL' }, ['ACCOUNT_SUMMARY'])).toBeNull();
    expect(projectRecord(payment, ['ACCOUNT_SUMMARY'])).toBeNull();
    expect(projectRecord(earlierInquiry, ['ACCOUNT_SUMMARY', 'ACCOUNT_DETAIL'])).toBeNull();
    expect(projectRecord(person, ['EMPLOYMENT'])).toBeNull();
    expect(projectRecord(enterprise, ['ACCOUNT_SUMMARY'])).toBeNull();
  });

  test('S43: identity does not open education and employment', () => {
    const identity = projectRecord(person, ['IDENTITY']);
    expect(identity).toMatchObject({ kind: 'person', birth_date: '1990-03-07' });
    expect(identity).not.toHaveProperty('education');
    expect(identity).not.toHaveProperty('employment_status');
  });

  test.each(['suppressed', 'restricted', 'expired'] as const)(
    'a %s record never leaves its bureau',
    (display_state) => {
      expect(projectRecord({ ...loan, display_state }, all)).toBeNull();
    },
  );

  test('a disputed record travels with its mark', () => {
    expect(projectRecord({ ...loan, display_state: 'marked' }, ['ACCOUNT_SUMMARY'])).toMatchObject({
      display_state: 'marked',
    });
  });

  test('S43: no categories open nothing', () => {
    for (const record of [loan, payment, earlierInquiry, person, enterprise]) {
      expect(projectRecord(record, [])).toBeNull();
    }
  });

  test('S43: fewer categories never open more', () => {
    fc.assert(
      fc.property(fc.subarray(all), fc.subarray(all), (some, more) => {
        const wide = new Set(Object.keys(projectRecord(loan, [...new Set([...some, ...more])]) ?? {}));
        expect(Object.keys(projectRecord(loan, some) ?? {}).filter((field) => !wide.has(field))).toEqual([]);
      }),
    );
  });

  test('S43: a record goes out unchanged under its opening categories, and under none of them less', () => {
    const records = fc.constantFrom<CreditRecord>(loan, payment, earlierInquiry, person, enterprise);
    fc.assert(
      fc.property(records, fc.subarray(all), (whole, some) => {
        for (const record of [whole, projectRecord(whole, some)]) {
          if (record === null) continue;
          const needed = openingCategories(record) ?? [];
          expect(projectRecord(record, needed)).toEqual(record);
          for (const left of needed) {
            const fewer = needed.filter((category) => category !== left);
            expect(projectRecord(record, fewer)).not.toEqual(record);
          }
        }
      }),
    );
  });

  test('S43: a withheld record and a field that no category names go out under nothing', () => {
    expect(openingCategories({ ...loan, display_state: 'suppressed' })).toBeUndefined();
    const unknown = { ...loan, mother_in_law: 'x' } as typeof loan;
    expect(openingCategories(unknown)).toBeUndefined();
    expect(withinCategories(unknown, all)).toBe(false);
  });

  test('S43: a receiver sees an answer that exceeds its categories', () => {
    expect(withinCategories(loan, ['ACCOUNT_SUMMARY'])).toBe(false);
    expect(withinCategories(loan, ['ACCOUNT_SUMMARY', 'ACCOUNT_DETAIL', 'REPAYMENT_HISTORY'])).toBe(true);
    expect(withinCategories(payment, ['ACCOUNT_SUMMARY'])).toBe(false);
    const narrow = projectRecord(loan, ['ACCOUNT_SUMMARY']);
    expect(narrow && withinCategories(narrow, ['ACCOUNT_SUMMARY'])).toBe(true);
    expect(withinCategories({ ...loan, display_state: 'expired' }, all)).toBe(false);
  });
});

/** Every member of a record at any depth, by path and value. */
const toldBy = (record: CreditRecord | null): string[] =>
  membersOf(record).map(({ path, text, number }) => JSON.stringify([path, text ?? number ?? null]));

const isHistory = (told: string) => /^\["(history|(absent|native)\.history)/u.test(told);

describe('S43: for records of every kind', () => {
  const kinds = Object.entries<fc.Arbitrary<CreditRecord>>(recordArbitraries);

  test.each(kinds)('%s: fewer categories never open more, at any depth', (_, records) => {
    fc.assert(
      fc.property(records, fc.subarray(all), fc.subarray(all), (record, some, more) => {
        const wide = new Set(toldBy(projectRecord(record, [...new Set([...some, ...more])])));
        const narrow = toldBy(projectRecord(record, some));
        expect(narrow.filter((told) => !wide.has(told))).toEqual([]);
        const whole = new Set(toldBy(record));
        expect([...wide].filter((told) => !whole.has(told) && !told.includes(',null]'))).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  test.each(kinds)(
    '%s: what is opened is within its categories, and goes out as it is under those it needs',
    (_, records) => {
      fc.assert(
        fc.property(records, fc.subarray(all), (record, some) => {
          const part = projectRecord(record, some);
          const withheld = ['suppressed', 'restricted', 'expired'].includes(record.display_state ?? '');
          expect(withheld && (part !== null || openingCategories(record) !== undefined)).toBe(false);
          if (part === null) return;
          expect(withinCategories(part, some)).toBe(true);
          const whole = projectRecord(part, openingCategories(part) ?? []);
          expect(JSON.stringify(whole)).toBe(JSON.stringify(part));
          expect(projectRecord(part, some)).toEqual(part);
          expect(part.marks).toEqual(record.marks);
        }),
        { numRuns: 50 },
      );
    },
  );

  test('no category but its own opens a record, whatever the kind', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const others = all.filter((category) => category !== record.category);
        expect(projectRecord(record, others)).toBeNull();
      }),
    );
  });

  test('what a source says beyond the model needs all that its record can hold', () => {
    fc.assert(
      fc.property(recordArbitraries.account, fc.subarray(all), (record, some) => {
        const part = projectRecord({ ...record, native_ext: { PD01E: 'NNN1' } }, some);
        if (part?.native_ext === undefined) return;
        expect(some).toEqual(expect.arrayContaining(['ACCOUNT_DETAIL', 'REPAYMENT_HISTORY']));
      }),
    );
    const identity = projectRecord({ ...person, native_ext: { school: 'x' } }, ['IDENTITY']);
    expect(identity).not.toHaveProperty('native_ext');
  });

  test('without its category there is no month of a history, nor a native code of one', () => {
    const others = all.filter((category) => category !== 'REPAYMENT_HISTORY');
    fc.assert(
      fc.property(recordArbitraries.account, (record) => {
        expect(toldBy(projectRecord(record, others)).filter(isHistory)).toEqual([]);
      }),
    );
  });
});
