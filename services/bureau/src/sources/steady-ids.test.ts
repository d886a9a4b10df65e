import type { CreditRecord } from '@causeway/records';
import { expect, it } from 'vitest';

import { idUnder, namedRecords, steadyRecords } from './steady-ids.ts';
import { entryName as tencentEntry } from './tencent/to-records.ts';
import { entryName as zhimaEntry } from './zhima/watchlist-answer.ts';

const score = (record_id: string, model: string, model_version?: string): CreditRecord => ({
  ...{ record: 'score', category: 'SCORE', record_id, source_record_id: record_id, as_of: '2026-01-01' },
  ...{ model, min: 0, max: 9, direction: 'higher_safer', ...(model_version && { model_version }) },
});
const entry = (record_id: string): CreditRecord => ({
  ...{ record: 'watchlist', category: 'WATCHLIST', record_id, source_record_id: record_id },
  ...{ as_of: '2026-01-01', list: 'l', sector: 's', risk_type: 't', risk_code: '1' },
});
const numbered = { steadyName: () => 'one' };
const ids = (records: readonly CreditRecord[], source: Parameters<typeof steadyRecords>[1], ref = 'r') =>
  steadyRecords(records, source, ref).map(({ record_id }) => record_id);

it('gives what each answer numbers anew the same id in each, another for another person', () => {
  const first = ids([score('a', 'm'), score('b', 'm', '2'), entry('c'), entry('d')], numbered);
  const second = ids([score('e', 'm'), score('f', 'm', '2'), entry('g'), entry('h')], numbered);
  expect(second).toEqual(first);
  expect(new Set(first).size).toBe(4);
  expect(ids([score('a', 'm')], numbered, 'other')).not.toContain(first[0]);
});

type Entry = Extract<CreditRecord, { record: 'watchlist' }>;
const zhima = (change: Partial<Entry>): Entry => ({
  ...(entry('w') as Entry),
  ...{ list: 'zhima.watchlistii', native_ext: { biz_no: 'ZM1' }, occurred: '2025-01', ...change },
});

it('knows of the Zhima-like system which entries have no number of their own', () => {
  expect(zhimaEntry(zhima({ source_record_id: 'own-1' }))).toBeUndefined();
  expect(zhimaEntry(zhima({ source_record_id: 'ZM1.2' }))).toBe('1 2025-01');
  expect(zhimaEntry(zhima({ source_record_id: 'ZM12' }))).toBeUndefined();
  expect(zhimaEntry(zhima({ list: 'zhima.watchlist.brief' }))).toBe('zhima.watchlist.brief');
});

it('names an entry of the Tencent-like system by its code and day', () => {
  const dated = { ...entry('w'), occurred: '2025-01-01' } as CreditRecord;
  expect([tencentEntry(entry('w')), tencentEntry(dated)]).toEqual(['1 ', '1 2025-01-01']);
  expect(tencentEntry(score('s', 'm'))).toBeUndefined();
});

it('leaves an id that stays as it is', () => {
  expect(ids([entry('c')], {})).toEqual(['c']);
  const [named] = namedRecords([entry('c')], {});
  expect(named && idUnder('r', named)).toBe('c');
});
