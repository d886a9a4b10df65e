import type { CodeList } from './code-list.ts';
import { pbocReport } from './pboc-report.ts';

/**
 * The repayment state of a month. The characters of this list are the canonical ones of a packed history, and
 * `canonical` is their name, so that histories of the report are stored unchanged.
 */
export const pbocRepaymentStates = {
  ...pbocReport,
  name: 'pboc-repayment-states',
  field: 'account.history',
  note: 'Public readers differ on `/`: not yet open, or left out.',
  entries: [
    { code: 'N', canonical: 'on_time', dpd: { min: 0, max: 0 }, en: 'paid on time', zh: '正常还款' },
    {
      code: 'M',
      canonical: 'late_same_month',
      dpd: { min: 1, max: 30 },
      en: 'late, paid in the same month',
      zh: '约定还款日后月底前还款',
    },
    { code: '1', canonical: 'past_due_1', dpd: { min: 1, max: 30 }, en: '1 to 30 days', zh: '逾期1—30天' },
    { code: '2', canonical: 'past_due_2', dpd: { min: 31, max: 60 }, en: '31 to 60 days', zh: '逾期31—60天' },
    { code: '3', canonical: 'past_due_3', dpd: { min: 61, max: 90 }, en: '61 to 90 days', zh: '逾期61—90天' },
    {
      code: '4',
      canonical: 'past_due_4',
      dpd: { min: 91, max: 120 },
      en: '91 to 120 days',
      zh: '逾期91—120天',
    },
    {
      code: '5',
      canonical: 'past_due_5',
      dpd: { min: 121, max: 150 },
      en: '121 to 150 days',
      zh: '逾期121—150天',
    },
    {
      code: '6',
      canonical: 'past_due_6',
      dpd: { min: 151, max: 180 },
      en: '151 to 180 days',
      zh: '逾期151—180天',
    },
    {
      code: '7',
      canonical: 'past_due_7',
      dpd: { min: 181, max: null },
      en: 'more than 180 days',
      zh: '逾期180天以上',
    },
    { code: '*', canonical: 'not_due', dpd: null, en: 'nothing due', zh: '当月不需还款' },
    { code: '#', canonical: 'unknown', dpd: null, en: 'unknown', zh: '还款情况未知' },
    { code: 'A', canonical: 'no_bill_this_month', dpd: null, en: 'no bill this month', zh: '当月未出单' },
    { code: 'D', canonical: 'guarantor_paid', dpd: null, en: 'paid by a guarantor', zh: '担保人代还' },
    { code: 'Z', canonical: 'asset_settled', dpd: null, en: 'assets given for the debt', zh: '以资抵债' },
    { code: 'B', canonical: 'bad_debt', dpd: { min: 181, max: null }, en: 'bad debt', zh: '呆账' },
    { code: 'C', canonical: 'closed_settled', dpd: null, en: 'settled and closed', zh: '结清' },
    { code: 'G', canonical: 'closed_other', dpd: null, en: 'closed without settlement', zh: '结束' },
    { code: '/', canonical: 'not_open', dpd: null, en: 'account not open', zh: '未开立账户' },
  ],
} as const satisfies CodeList;
