import type { CodeList } from './code-list.ts';

/**
 * The payment state of a month. `A` and `P` say that a bill was not paid, or not all of it, and nothing of
 * days: how many of them follow each other tells the state, and the days have a lower end only.
 */
export const cicRepaymentStates = {
  scheme: 'cic',
  name: 'cic-repayment-states',
  version: '24-months',
  source:
    'Credit Information Center Corp. (株式会社シー・アイ・シー), designated credit information agency of Japan: ' +
    'credit information disclosure report, payment record (入金状況) of 24 months',
  field: 'account.history',
  note:
    'Unpaid months that follow each other become past_due_1 to past_due_7 by their number. `B` is unpaid ' +
    'for a reason that is not the customer’s, and says nothing against the customer.',
  entries: [
    {
      code: '$',
      packed: 'N',
      canonical: 'on_time',
      dpd: { min: 0, max: 0 },
      en: 'paid as billed',
      zh: '按账单付清',
    },
    {
      code: 'P',
      packed: '1',
      canonical: 'past_due_1',
      dpd: { min: 1, max: null },
      en: 'part of the bill paid',
      zh: '部分付款',
    },
    {
      code: 'A',
      packed: '1',
      canonical: 'past_due_1',
      dpd: { min: 1, max: null },
      en: 'not paid, for the customer’s reasons',
      zh: '因客户原因未付',
    },
    { code: 'R', packed: 'D', canonical: 'guarantor_paid', dpd: null, en: 'paid by another', zh: '他人代付' },
    {
      code: 'B',
      packed: '#',
      canonical: 'unknown',
      dpd: null,
      en: 'not paid, for other reasons',
      zh: '非客户原因未付',
    },
    { code: 'C', packed: '#', canonical: 'unknown', dpd: null, en: 'not known', zh: '情况不明' },
    {
      code: '-',
      packed: 'A',
      canonical: 'no_bill_this_month',
      dpd: null,
      en: 'nothing billed',
      zh: '当月未请款',
    },
    { code: ' ', packed: '#', canonical: 'unknown', dpd: null, en: 'no update', zh: '无更新' },
  ],
} as const satisfies CodeList;
