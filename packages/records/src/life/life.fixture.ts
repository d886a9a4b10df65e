import type { AccountRecord, RecordOf } from '../record.ts';
import { loan } from '../record.fixture.ts';

/** A debt that was overdue from March 2021 and paid back on a day in May, of which the person was told. */
export const lateLoan = (change: Partial<AccountRecord> = {}): AccountRecord => ({
  ...loan,
  is_adverse: true,
  notice_id: 'notice-1',
  adverse_started_on: '2021-03-05',
  first_delinquency_on: '2021-03-05',
  adverse_ended_on: '2021-05-20',
  status: 'overdue',
  overdue_total: '0',
  history: { to: '2021-06', states: 'NN12NN', overdue: ['0', '0', '80000', '160000', '0', '0'] },
  ...change,
});

export const unpaid = (change: Partial<AccountRecord> = {}): AccountRecord => {
  const { adverse_ended_on: _, ...open } = lateLoan(change);
  return open;
};

export const judgment = (change: Partial<RecordOf<'public_record'>> = {}): RecordOf<'public_record'> => ({
  ...{ record: 'public_record', category: 'PUBLIC_RECORD', record_id: 'j1', source_record_id: 'j-1' },
  ...{ as_of: '2024-01-31', kind: 'judgment', decided_on: '2020-02-10', ...change },
});

/** Noon in Shanghai on a day. */
export const noon = (date: string): number => Date.parse(`${date}T12:00:00+08:00`);
