import { describe, expect, test } from 'vitest';
import { answered, loan, payment } from './disclosures.fixture.ts';
import { merge } from './merge.ts';

const exposureOf = (...records: Parameters<typeof answered>[1]) =>
  merge([answered('central', records)]).exposure;

describe('exposure', () => {
  test('sums only within one currency', () => {
    const { groups } = exposureOf(
      loan('a'),
      loan('b', { currency: 'EUR', balance: '7', opened: '2025-03-01' }),
    );
    expect(groups.map(({ currency, total_balance }) => [currency, total_balance])).toEqual([
      ['CNY', '404760'],
      ['EUR', '7'],
    ]);
  });

  test('sums beyond what a float or one amount can hold', () => {
    const balance = '9'.repeat(18);
    const { groups } = exposureOf(loan('a', { balance }), loan('b', { balance, opened: '2025-03-01' }));
    expect(groups[0]?.total_balance).toBe('1999999999999999998');
  });

  test('a settled account with nothing left is closed, one with a balance is not', () => {
    const closed = { status: 'settled', balance: '0', opened: '2025-03-01' } as const;
    expect(exposureOf(loan('a', closed)).groups).toEqual([]);
    expect(exposureOf(loan('a', { ...closed, balance: '1' })).groups[0]?.open_accounts).toBe(1);
    expect(exposureOf(loan('a', { status: 'bad_debt', balance: '0' })).groups[0]?.open_accounts).toBe(1);
  });

  test('a missing amount is counted as not stated and never taken for zero', () => {
    const {
      balance: _,
      overdue_total: __,
      ...without
    } = loan('a', { absent: { overdue_total: 'not_applicable' } });
    expect(exposureOf(without).groups[0]).toMatchObject({
      total_balance: '0',
      not_stated: { balance: 1, monthly_due: 0, overdue: 0 },
    });
  });

  test('limits are those of cards and revolving lines, not of loans', () => {
    const card = { type: 'credit_card', limit: '5000000', balance: '100' } as const;
    const { groups } = exposureOf(loan('a', card), loan('b', { limit: '9', opened: '2025-03-01' }));
    expect(groups[0]?.total_limit).toBe('5000000');
  });

  test('lenders are counted by reference, then institution, then one per bureau', () => {
    const { groups } = exposureOf(
      loan('a', { lender_ref: 'l-1' }),
      loan('b', { lender_ref: 'l-1', opened: '2025-03-01' }),
      loan('c', { source_institution: 'bank-2', opened: '2025-03-02' }),
      loan('d', { opened: '2025-03-03' }),
      loan('e', { opened: '2025-03-04' }),
    );
    expect(groups[0]).toMatchObject({ open_accounts: 5, lender_count: 3 });
  });

  test('a loan payment that no account explains adds to what is due each month, rounded up', () => {
    expect(exposureOf(payment('o', '1000', { frequency: 'quarter' })).groups[0]).toMatchObject({
      open_accounts: 0,
      monthly_due: '334',
    });
    expect(exposureOf(payment('o', '1200', { frequency: 'week' })).groups[0]?.monthly_due).toBe('5200');
  });

  test.each([{ kind: 'household' }, { kind: 'insurance' }, { kind: 'other' }, { status: 'ended' }] as const)(
    'a payment with %o is no debt',
    (fields) => {
      expect(exposureOf(payment('o', '1000', fields)).groups).toEqual([]);
    },
  );
});
