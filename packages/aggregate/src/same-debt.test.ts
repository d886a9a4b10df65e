import { describe, expect, test } from 'vitest';
import { answered, contract, loan, payment } from './disclosures.fixture.ts';
import { merge } from './merge.ts';

const group = (rows: Parameters<typeof merge>[0]) => merge(rows).exposure.groups[0];
const rulesOf = (rows: Parameters<typeof merge>[0]) =>
  merge(rows).merged.same_debts.map(({ rules }) => rules);
const ambiguities = (rows: Parameters<typeof merge>[0]) =>
  merge(rows).conflicts.filter(({ rule }) => rule === 'ambiguous_same_debt');

describe('one debt at two bureaus counts once', () => {
  test('by equal contract digests, even where the terms differ', () => {
    const rows = [
      answered('central', [loan('a', { contract_digest: contract('k') })]),
      answered('lotus', [
        loan('b', { contract_digest: contract('k'), balance: '400000', opened: '2025-01' }),
      ]),
    ];
    const { merged, exposure } = merge(rows);
    expect(merged.same_debts).toEqual([
      {
        rules: ['contract'],
        members: [
          { bureau: 'central', record: 'account', record_id: 'a' },
          { bureau: 'lotus', record: 'account', record_id: 'b' },
        ],
      },
    ]);
    expect(merged.accounts).toHaveLength(1);
    expect(merged.accounts[0]).toMatchObject({ same_debt: 0 });
    expect(merged.accounts[0]?.sources.map(({ bureau }) => bureau)).toEqual(['central', 'lotus']);
    expect(exposure.groups[0]).toMatchObject({ open_accounts: 1, monthly_due: '33730' });
  });

  test('by equal terms', () => {
    const rows = [
      answered('central', [loan('a')]),
      answered('lotus', [loan('b')]),
      answered('ocean', [loan('c')]),
    ];
    expect(rulesOf(rows)).toEqual([['equal_terms']]);
    expect(group(rows)).toMatchObject({ open_accounts: 1, total_balance: '404760' });
  });

  test('by its instalment, with rounding', () => {
    const rows = [answered('central', [loan('a')]), answered('harbour', [payment('o', '33727')])];
    const { merged, exposure, conflicts } = merge(rows);
    expect(merged.same_debts).toEqual([
      {
        rules: ['instalment'],
        members: [
          { bureau: 'central', record: 'account', record_id: 'a' },
          { bureau: 'harbour', record: 'obligation', record_id: 'o' },
        ],
      },
    ]);
    expect([merged.accounts[0]?.same_debt, merged.obligations[0]?.same_debt]).toEqual([0, 0]);
    expect(exposure.groups[0]).toMatchObject({ monthly_due: '33730' });
    expect(conflicts).toEqual([]);
  });

  test('a lease by its lease payment', () => {
    const rows = [
      answered('central', [loan('a', { type: 'lease' })]),
      answered('harbour', [payment('o', '33740', { kind: 'lease' })]),
    ];
    expect(rulesOf(rows)).toEqual([['instalment']]);
  });

  test('two accounts and a payment are one debt', () => {
    const rows = [
      answered('central', [loan('a')]),
      answered('lotus', [loan('b')]),
      answered('harbour', [payment('o', '33720')]),
    ];
    expect(rulesOf(rows)).toEqual([['equal_terms', 'instalment']]);
    expect(group(rows)).toMatchObject({ open_accounts: 1, monthly_due: '33730' });
  });

  test('two loans with instalments of their own are two debts, each recognised', () => {
    const rows = [
      answered('central', [loan('a'), loan('b', { opened: '2025-02-01', scheduled_due: '50000' })]),
      answered('harbour', [payment('o', '50003'), payment('p', '33727')]),
    ];
    expect(rulesOf(rows)).toEqual([['instalment'], ['instalment']]);
    expect(group(rows)).toMatchObject({ open_accounts: 2, monthly_due: '83730' });
  });
});

describe('what is not joined', () => {
  test.each([
    ['another opening day', { opened: '2025-01-06' }],
    ['an opening known to the month', { opened: '2025-01' }],
    ['another amount', { original: '809521' }],
    ['another currency', { currency: 'EUR' }],
    ['another type', { type: 'lease' }],
    ['an amount of zero', { original: '0' }],
  ] as const)('accounts with %s', (_, fields) => {
    const first = 'original' in fields && fields.original === '0' ? loan('a', fields) : loan('a');
    expect(rulesOf([answered('central', [first]), answered('lotus', [loan('b', fields)])])).toEqual([]);
  });

  test('two accounts of one bureau, however equal', () => {
    const rows = [
      answered('central', [
        loan('a', { contract_digest: contract('k') }),
        loan('b', { contract_digest: contract('k') }),
      ]),
    ];
    expect(merge(rows).merged.same_debts).toEqual([]);
    expect(group(rows)).toMatchObject({ open_accounts: 2 });
    expect(ambiguities(rows)).toEqual([]);
  });

  test('equal terms under two contracts', () => {
    const rows = [
      answered('central', [loan('a', { contract_digest: contract('k') })]),
      answered('lotus', [loan('b', { contract_digest: contract('m') })]),
    ];
    expect(rulesOf(rows)).toEqual([]);
    expect(group(rows)).toMatchObject({ open_accounts: 2 });
  });

  test.each([
    ['a payment of another amount', payment('o', '33741')],
    ['a payment a little too small', payment('o', '33719')],
    [
      'a payment of another currency',
      payment('o', '33730', { instalment: { amount_minor: '33730', currency: 'EUR' } }),
    ],
    ['a payment of another kind', payment('o', '33730', { kind: 'household' })],
    ['a lease payment', payment('o', '33730', { kind: 'lease' })],
    ['a quarterly payment', payment('o', '33730', { frequency: 'quarter' })],
  ])('a loan and %s', (_, other) => {
    expect(rulesOf([answered('central', [loan('a')]), answered('harbour', [other])])).toEqual([]);
  });

  test('a loan and a payment that one bureau reports', () => {
    expect(rulesOf([answered('central', [loan('a'), payment('o', '33730')])])).toEqual([]);
  });

  test('a card, or a loan that states no instalment, and a payment', () => {
    for (const fields of [{ type: 'credit_card' }, { scheduled_due: '0' }] as const) {
      expect(
        rulesOf([answered('central', [loan('a', fields)]), answered('harbour', [payment('o', '0')])]),
      ).toEqual([]);
    }
  });
});

describe('what is ambiguous is a conflict and stays apart', () => {
  test('one loan, two payments', () => {
    const rows = [
      answered('central', [loan('a')]),
      answered('harbour', [payment('o', '33727'), payment('p', '33735')]),
    ];
    expect(rulesOf(rows)).toEqual([]);
    expect(ambiguities(rows)).toEqual([
      {
        field: 'same_debt',
        rule: 'ambiguous_same_debt',
        values: [
          { bureau: 'central', record_id: 'a', value: '33730', as_of: '2026-05-31' },
          { bureau: 'harbour', record_id: 'o', value: '33727', as_of: '2026-05-31' },
          { bureau: 'harbour', record_id: 'p', value: '33735', as_of: '2026-05-31' },
        ],
      },
    ]);
  });

  test('two loans, one payment', () => {
    const rows = [
      answered('central', [loan('a'), loan('b', { opened: '2025-02-01', scheduled_due: '33733' })]),
      answered('harbour', [payment('o', '33727')]),
    ];
    expect(rulesOf(rows)).toEqual([]);
    expect(ambiguities(rows)).toHaveLength(1);
  });

  test('a payment at each of two bureaus', () => {
    const rows = [
      answered('central', [loan('a')]),
      answered('harbour', [payment('o', '33730')]),
      answered('ocean', [payment('o', '33730')]),
    ];
    expect(rulesOf(rows)).toEqual([]);
    expect(ambiguities(rows)).toHaveLength(1);
  });

  test('a chain of candidates is one conflict', () => {
    const rows = [
      answered('central', [loan('a'), loan('b', { opened: '2025-02-01', scheduled_due: '33745' })]),
      answered('harbour', [payment('o', '33738'), payment('p', '33750')]),
    ];
    expect(rulesOf(rows)).toEqual([]);
    expect(ambiguities(rows).map(({ values }) => values.length)).toEqual([4]);
  });

  test('two equal loans at one bureau, one at another', () => {
    const rows = [answered('central', [loan('a'), loan('b')]), answered('lotus', [loan('c')])];
    expect(rulesOf(rows)).toEqual([]);
    expect(ambiguities(rows)).toHaveLength(1);
    expect(group(rows)).toMatchObject({ open_accounts: 3 });
  });

  test('two draws under one contract at one bureau, one account at another', () => {
    const under = { contract_digest: contract('k') };
    const rows = [
      answered('central', [loan('a', under), loan('b', { ...under, opened: '2025-03-01' })]),
      answered('lotus', [loan('c', { ...under, opened: '2025-04-01' })]),
    ];
    expect(rulesOf(rows)).toEqual([]);
    expect(ambiguities(rows)).toHaveLength(1);
  });

  test('equal terms where two of three name different contracts', () => {
    const rows = [
      answered('central', [loan('a', { contract_digest: contract('k') })]),
      answered('lotus', [loan('b', { contract_digest: contract('m') })]),
      answered('ocean', [loan('c')]),
    ];
    expect(rulesOf(rows)).toEqual([]);
    expect(ambiguities(rows)).toHaveLength(1);
  });
});
