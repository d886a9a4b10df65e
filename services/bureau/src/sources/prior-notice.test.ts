import type { CreditRecord } from '@causeway/records';
import { readRecord } from '@causeway/records/faults';
import { describe, expect, test } from 'vitest';

import { account } from '../test-world.ts';
import { underPriorNotice } from './prior-notice.ts';
import type { Moment, NativeSource, NativeSubject } from './source.ts';

const person: NativeSubject = { identifier: { scheme: 'gb11643', value: '990000199003070013' } };
const firm: NativeSubject = { identifier: { scheme: 'gb32100', value: '91990000MA0000015Q' } };
const moment: Moment = {
  ...{ nowMs: 0, purpose: 'LOAN_APPROVAL', inquiry: 'sha-256:x', signal: new AbortController().signal },
};
const envelope = { source_record_id: 'n', as_of: '2026-10-31' } as const;
const judgment: CreditRecord = {
  ...{ ...envelope, record: 'public_record', record_id: 'p', category: 'PUBLIC_RECORD', kind: 'judgment' },
};
const entry: CreditRecord = {
  ...{ ...envelope, record: 'watchlist', record_id: 'w', category: 'WATCHLIST', list: 'a', sector: 'b' },
  ...{ risk_type: 'overdue', risk_code: 'c' },
};
const paidByAnother: CreditRecord = {
  ...{ ...envelope, record: 'account_event', record_id: 'e', category: 'ACCOUNT_DETAIL' },
  ...{ account_ref: 'a', kind: 'third_party_repayment', on: '2026-01-05' },
};
const good = account('good');
const adverse: Record<string, CreditRecord> = {
  'an account that is overdue': account('late', { overdue_total: '1' }),
  'an account whose past was late': account('past', { history: { to: '2026-10', states: 'NN1NN' } }),
  'an account that was given up': account('bad', { status: 'bad_debt' }),
  'an account that its lender counts as lost': account('lost', { class5: 'loss' }),
  'a debt that somebody else has paid': paidByAnother,
  'an entry of a list': entry,
};

const sourceOf = (records: CreditRecord[], noticeId?: string): NativeSource =>
  underPriorNotice(
    {
      ...{ kind: 'native', name: 'one', close: async () => undefined },
      health: async () => ({ ok: true, detail: '' }),
      find: async () => ({ known: true, records, notes: [] }),
    },
    noticeId,
  );

describe('what speaks against a person', () => {
  test.each(Object.entries(adverse))(
    '%s stays where it is without the bureau’s word',
    async (_what, record) => {
      const finding = await sourceOf([good, record]).find(person, [], moment);
      expect(finding).toEqual({
        known: true,
        records: [good],
        notes: [{ field: 'adverse', what: 'dropped' }],
      });
    },
  );

  test.each(Object.entries(adverse))('%s carries the notice that the bureau names', async (_what, record) => {
    const { notes, records } = await sourceOf([record], 'n-7').find(person, [], moment);
    expect(records).toEqual([{ ...record, is_adverse: true, notice_id: 'n-7' }]);
    expect(notes).toEqual([]);
    expect(readRecord(records[0], 'person')).toHaveProperty('record');
  });

  test('and is public needs no notice, and says why', async () => {
    const { records } = await sourceOf([judgment]).find(person, [], moment);
    expect(records).toEqual([{ ...judgment, is_adverse: true, notice_exemption: 'lawfully_public' }]);
    expect(readRecord(records[0], 'person')).toHaveProperty('record');
  });

  test('and has its notice keeps it', async () => {
    const noticed = { ...account('late', { overdue_total: '1' }), is_adverse: true, notice_id: 'own' };
    expect((await sourceOf([noticed], 'n-7').find(person, [], moment)).records).toEqual([noticed]);
  });
});

test('an enterprise is told what there is', async () => {
  const { records } = await sourceOf(Object.values(adverse)).find(firm, [], moment);
  expect(records).toEqual(Object.values(adverse));
});
