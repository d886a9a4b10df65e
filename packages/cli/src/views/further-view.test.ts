import { stripVTControlCharacters } from 'node:util';
import type { DeliveredReport } from '@causeway/sdk';
import { describe, expect, test } from 'vitest';
import { furtherLines } from './further-view.ts';
import { nativeLines, nativeRows } from './native-view.ts';

type Merged = DeliveredReport['report']['claims']['merged'];

const digest = `sha-256:${'A'.repeat(43)}` as const;
const from = (bureau: string, record_id = 'r1') => ({
  ...{ record_id, source_record_id: 'n-1', as_of: '2026-05-31' },
  sources: [{ bureau, record_id, disclosure: digest }],
});
const empty: Merged = { accounts: [], obligations: [], profiles: [], inquiries: [], same_debts: [] };

const zhima: NonNullable<Merged['scores']>[number] = {
  ...from('lotus'),
  record: 'score',
  category: 'SCORE',
  model: 'zhima',
  min: 350,
  max: 950,
  direction: 'higher_safer',
};
const listedAs: NonNullable<Merged['watchlist']>[number] = {
  ...from('lotus'),
  record: 'watchlist',
  category: 'WATCHLIST',
  list: 'zhima',
  sector: 'credit',
  risk_type: 'overdue_2',
  risk_code: 'AA001002',
  occurred: '2026-01',
  settled: false,
};
const band = {
  ...{ lower_minor: '300000', upper_minor: '400000', lower_open: true, upper_open: false },
  ...{ currency: 'CNY', native_code: 'M05' },
};

const enterprise: Partial<Merged> = {
  public_records: [
    {
      ...from('central'),
      record: 'public_record',
      category: 'PUBLIC_RECORD',
      kind: 'judgment',
      authority: '某法院',
      currency: 'CNY',
      amount_claimed: '100',
      decided_on: '2025-03',
    },
  ],
  liabilities: [
    {
      ...from('central'),
      record: 'liability',
      category: 'GUARANTEE',
      role: 'guarantor',
      contract_ref: 'c',
      for_subject: 'enterprise',
      currency: 'CNY',
      responsibility: '5000000',
    },
  ],
  facilities: [
    {
      ...from('central'),
      record: 'facility',
      category: 'ACCOUNT_SUMMARY',
      agreement_ref: 'a',
      kind: 'revolving',
      currency: 'CNY',
      limit: '2000000',
      used: '100',
      status: 'effective',
    },
  ],
  relations: [
    {
      ...from('central'),
      record: 'relation',
      category: 'OWNERSHIP',
      kind: 'shareholder',
      party_ref: 'p-7',
      party_kind: 'person',
      ratio_ppm: 510_000,
    },
  ],
  statements: [
    {
      ...from('central'),
      record: 'statement',
      category: 'FINANCIALS',
      kind: 'income',
      period: '2025',
      span: 'year',
      standard: 'cas',
      audited: true,
      currency: 'CNY',
      items: { revenue: '1', net_profit: '-5' },
    },
  ],
};

const shown = (merged: Partial<Merged>): string[] =>
  furtherLines({ merged: { ...empty, ...merged } }).map((line) => stripVTControlCharacters(line));

describe('what a report says beside accounts', () => {
  test('nothing where it has nothing', () => {
    expect(shown({})).toEqual([]);
  });

  test('a score with its range and its safe end in words, so that 12 of 100 is not taken for bad', () => {
    const risk = { ...zhima, ...from('ocean'), model: 'anti-fraud', min: 0, max: 100, value: 12 };
    expect(
      shown({
        scores: [
          { ...zhima, value: 712 },
          { ...risk, direction: 'higher_riskier' },
        ],
      }),
    ).toEqual([
      '',
      'scores',
      '  zhima 712, range 350 to 950, higher is safer, 2026-05-31 (lotus)',
      '  anti-fraud 12, range 0 to 100, higher is riskier, 2026-05-31 (ocean)',
    ]);
  });

  test('a score that there is none of says why, and is never a zero', () => {
    const [, , line] = shown({ scores: [{ ...zhima, unscorable_reason: 'thin_file' }] });
    expect(line).toContain('zhima none: thin_file,');
    const [, , other] = shown({ scores: [{ ...zhima, absent: { value: 'withheld_policy' } }] });
    expect(other).toContain('zhima none: withheld_policy,');
  });

  test('a watch list with its band as a band, and what is settled', () => {
    expect(shown({ watchlist: [{ ...listedAs, amount: band }] }).at(-1)).toBe(
      '  zhima credit: overdue_2 AA001002, 3,000.00 to 4,000.00 CNY, 2026-01, not settled (lotus)',
    );
    const { upper_minor: _, ...open } = band;
    expect(shown({ watchlist: [{ ...listedAs, settled: true, amount: open }] }).at(-1)).toContain(
      'more than 3,000.00 CNY, 2026-01, settled',
    );
  });

  test('public records, guarantees, credit agreements, owners and statements', () => {
    const lines = shown(enterprise);
    expect(lines.filter((line) => line.startsWith('  '))).toEqual([
      '  judgment, 某法院, 2025-03, claimed 1.00 CNY (central)',
      '  guarantor (debtor: enterprise), answers for 50,000.00 CNY, balance – (central)',
      '  revolving, limit 20,000.00 CNY, used 1.00, effective (central)',
      '  shareholder, person p-7, 51 % (central)',
      '  income of 2025 (year), cas, audited, 2 items in CNY (central)',
    ]);
  });

  test('many rows are counted', () => {
    const many = Array.from({ length: 9 }, (_, at) => ({ ...zhima, ...from('lotus', `r${at}`), value: 700 }));
    expect(shown({ scores: many })).toHaveLength(2 + 6 + 1);
    expect(shown({ scores: many }).at(-1)).toBe('  and 3 more');
  });
});

describe('native codes of a report', () => {
  const coded = { ...listedAs, native: { sector: 'AA' }, native_scheme: 'zhima', native_ext: { level: '2' } };

  test('each row has its sources and the codes that they use', () => {
    const { sources } = from('ocean', 'r9');
    const rows = nativeRows({
      merged: {
        ...empty,
        watchlist: [{ ...coded, sources: [...coded.sources, ...sources] }],
        scores: [zhima],
      },
    });
    expect(rows).toEqual([
      {
        record: 'watchlist',
        sources: ['lotus r1', 'ocean r9'],
        scheme: 'zhima',
        codes: { sector: 'AA', level: '2' },
      },
      { record: 'score', sources: ['lotus r1'], scheme: '', codes: {} },
    ]);
    expect(nativeLines(rows)).toContain('watchlist  lotus r1 + ocean r9  zhima   sector=AA level=2');
  });

  test('the codes of a history stand with the scale that they count on', () => {
    const history = { to: '2025-06', states: 'N2', scale: 'tuef', native: '000045' } as const;
    const phone = { record: 'postpaid', category: 'POSTPAID', sector: 'telecom', status: 'normal' } as const;
    const [row] = nativeRows({ merged: { ...empty, postpaid: [{ ...from('ocean'), ...phone, history }] } });
    expect(row).toMatchObject({ scheme: 'tuef', codes: { history: '000045' } });
  });

  test('a code cannot write over the terminal', () => {
    const rows = nativeRows({
      merged: { ...empty, watchlist: [{ ...coded, native: { sector: '\u001b[2J\u200bAA\r' } }] },
    });
    expect(nativeLines(rows).join('\n')).not.toMatch(/[\u001b\u200b\r]/u);
  });
});
