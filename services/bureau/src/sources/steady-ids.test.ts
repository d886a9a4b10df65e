import type { CreditRecord } from '@causeway/records';
import { expect, it } from 'vitest';

import { idUnder, namedRecords, steadyRecords } from './steady-ids.ts';

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

it('leaves an id that stays as it is', () => {
  expect(ids([entry('c')], {})).toEqual(['c']);
  const [named] = namedRecords([entry('c')], {});
  expect(named && idUnder('r', named)).toBe('c');
});
