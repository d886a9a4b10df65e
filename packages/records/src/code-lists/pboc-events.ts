import type { CodeList } from './code-list.ts';
import { pbocReport } from './pboc-report.ts';

export const pbocSpecialTransactions = {
  ...pbocReport,
  name: 'pboc-special-transactions',
  field: 'account_event.kind',
  entries: [
    { code: '1', canonical: 'extension', en: 'extension', zh: '展期' },
    { code: '2', canonical: 'third_party_repayment', en: 'repaid by a third party', zh: '第三方代偿' },
    { code: '3', canonical: 'assets_for_debt', en: 'assets for debt', zh: '以资抵债' },
    { code: '4', canonical: 'prepayment', en: 'prepayment', zh: '提前还款' },
    { code: '5', canonical: 'early_settlement', en: 'early settlement', zh: '提前结清' },
    { code: '8', canonical: 'judicial', en: 'recovery by a court', zh: '司法追偿' },
    { code: '11', canonical: 'relief', en: 'part of the debt remitted', zh: '债务减免' },
    { code: '12', canonical: 'sold', en: 'sold', zh: '资产剥离' },
    { code: '13', canonical: 'sold', en: 'transferred', zh: '资产转让' },
    { code: '16', canonical: 'policy_deferral', en: 'deferred by policy', zh: '政策性延期' },
  ],
} as const satisfies CodeList;

/** The segments of the report in which public records stand are its codes for their kinds. */
export const pbocPublicRecords = {
  ...pbocReport,
  name: 'pboc-public-records',
  field: 'public_record.kind',
  note: 'Dishonest debtors, bankruptcies, customs inspections and financing limits have other registers.',
  entries: [
    { code: 'POT', canonical: 'tax_arrears', en: 'tax arrears', zh: '欠税记录' },
    { code: 'PCJ', canonical: 'judgment', en: 'civil judgment', zh: '民事判决记录' },
    { code: 'PCE', canonical: 'enforcement', en: 'enforcement', zh: '强制执行记录' },
    { code: 'PAP', canonical: 'penalty', en: 'administrative penalty', zh: '行政处罚记录' },
    { code: 'PHF', canonical: 'housing_fund', en: 'housing fund contributions', zh: '住房公积金参缴记录' },
    { code: 'PBS', canonical: 'social_aid', en: 'aid to low incomes', zh: '低保救助记录' },
    { code: 'PPQ', canonical: 'licence', en: 'professional licence', zh: '执业资格记录' },
    { code: 'PAH', canonical: 'award', en: 'administrative award', zh: '行政奖励记录' },
  ],
} as const satisfies CodeList;
