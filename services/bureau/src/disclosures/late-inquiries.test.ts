import { NATIONAL_POLICY } from '@causeway/policy';
import { earlierInquiry } from '@causeway/records/record.fixture';
import { describe, expect, it } from 'vitest';

import { withoutLateInquiries } from './late-inquiries.ts';

const dayMs = 86_400_000;
/** Noon in Shanghai. */
const nowMs = Date.parse('2026-11-26T12:00:00+08:00');
const inquiry = (record_id: string, change: Partial<typeof earlierInquiry>) => ({
  text: JSON.stringify({ ...earlierInquiry, record_id, ...change }),
  as_of: '2026-11-26',
  openedBy: ['INQUIRY'],
});
const court = inquiry('court', { purpose: 'JUDICIAL', kind: 'official', on: '2026-11-26' });
const loan = inquiry('loan', { on: '2026-11-26' });
const found = { known: true, records: [court, loan] };
const shown = (purpose: 'OWN_ENQUIRY' | 'LOAN_APPROVAL' | 'SUPERVISION', days = 0) =>
  withoutLateInquiries(found, NATIONAL_POLICY, { nowMs: nowMs + days * dayMs, purpose }).records;

describe('an earlier inquiry under an embargo', () => {
  it.each(['OWN_ENQUIRY', 'LOAN_APPROVAL'] as const)('is in no answer for %s before its day', (purpose) => {
    for (const days of [0, 1, 89, 90]) expect(shown(purpose, days)).toEqual([loan]);
    expect(shown(purpose, 91)).toEqual([court, loan]);
  });

  it('is seen by supervisors at once', () => {
    expect(shown('SUPERVISION')).toEqual([court, loan]);
  });

  it('hides nothing that only speaks of such a purpose', () => {
    const words = { ...loan, text: loan.text.replace('bank-3', 'JUDICIAL') };
    const answer = { known: true, records: [words] };
    const at = { nowMs, purpose: 'OWN_ENQUIRY' as const };
    expect(withoutLateInquiries(answer, NATIONAL_POLICY, at)).toBe(answer);
  });
});
