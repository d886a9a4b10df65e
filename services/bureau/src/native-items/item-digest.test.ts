import type { CreditRecord } from '@causeway/records';
import { expect, it } from 'vitest';

import { digestOfItem } from './item-digest.ts';

const entry: CreditRecord = {
  ...{
    record: 'watchlist',
    category: 'WATCHLIST',
    record_id: 'e',
    source_record_id: 'e',
    as_of: '2026-01-01',
  },
  ...{ list: 'l', sector: 'bank', risk_type: 't', risk_code: '1', severity: 1, dispute_state: 'none' },
  native: { severity: '1', dispute_state: '' },
  native_ext: { biz_no: '1', overdue_periods: '3' },
};

it.each<[string, Partial<CreditRecord>]>([
  ['its numbers and its day', { record_id: 'f', source_record_id: 'g', as_of: '2026-02-01', version: 2 }],
  [
    'the stage of an objection',
    {
      dispute_state: 'open',
      display_state: 'marked',
      native: { severity: '1', dispute_state: 'PROCESSING' },
    } as never,
  ],
  ['marks', { marks: [{ kind: 'provider_note', text: 'seen', added_on: '2026-01-01' }] }],
  ['the number of the reply', { native_ext: { biz_no: '2', overdue_periods: '3' } }],
])('says the same of an item whatever %s', (_name, change) => {
  expect(digestOfItem({ ...entry, ...change } as CreditRecord)).toBe(digestOfItem(entry));
});

it.each<[string, object]>([
  ['a value', { severity: 2 }],
  ['a native code', { native: { severity: '2', dispute_state: '' } }],
  ['what lies beyond the model', { native_ext: { biz_no: '1', overdue_periods: '4' } }],
  ['a reason for silence', { absent: { amount: 'unknown_at_source' } }],
])('says another thing where %s is another', (_name, change) => {
  expect(digestOfItem({ ...entry, ...change })).not.toBe(digestOfItem(entry));
});
