import type { AccountRecord, InquiryRecord, ObligationRecord, ProfileRecord } from './record.ts';

const envelope = { source_record_id: 'n-1', as_of: '2025-06-30' } as const;

/** A loan with every field that a category opens. */
export const loan: AccountRecord = {
  ...envelope,
  record: 'account',
  record_id: 'a1',
  category: 'ACCOUNT_SUMMARY',
  account_ref: 'acc-1',
  type: 'term',
  currency: 'CNY',
  status: 'normal',
  lender_ref: 'lender-7',
  opened: '2024-01-05',
  due: '2026-01-05',
  original: '809520',
  balance: '404760',
  scheduled_due: '33730',
  overdue_total: '0',
  term_count: 24,
  class5: 'normal',
  history: { to: '2025-06', states: 'NNN1N' },
  absent: { limit: 'not_applicable', remaining_terms: 'not_reported' },
};

export const payment: ObligationRecord = {
  ...envelope,
  record: 'obligation',
  record_id: 'o1',
  category: 'ACCOUNT_DETAIL',
  kind: 'loan',
  instalment: { amount_minor: '33727', currency: 'CNY' },
  frequency: 'month',
  status: 'active',
};

export const earlierInquiry: InquiryRecord = {
  ...envelope,
  record: 'inquiry',
  record_id: 'i1',
  category: 'INQUIRY',
  requester_ref: 'bank-3',
  purpose: 'LOAN_APPROVAL',
  kind: 'hard',
  on: '2025-05-01',
};

export const person: ProfileRecord = {
  ...envelope,
  record: 'profile',
  record_id: 'p1',
  category: 'IDENTITY',
  kind: 'person',
  birth_date: '1990-03-07',
  sex: 'male',
  education: 'bachelor',
  employment_status: 'employed',
};

export const enterprise: ProfileRecord = {
  ...envelope,
  record: 'profile',
  record_id: 'e1',
  category: 'IDENTITY',
  kind: 'enterprise',
  industry: 'c26',
  registered_capital: { amount_minor: '100000000', currency: 'CNY' },
};
