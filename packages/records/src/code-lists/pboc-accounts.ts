import type { CodeList } from './code-list.ts';
import { pbocReport } from './pboc-report.ts';

export const pbocAccountTypes = {
  ...pbocReport,
  name: 'pboc-account-types',
  field: 'account.type',
  entries: [
    { code: 'D1', canonical: 'term', en: 'non-revolving loan', zh: '非循环贷账户' },
    { code: 'R1', canonical: 'revolving_loan', en: 'revolving loan', zh: '循环贷账户' },
    { code: 'R2', canonical: 'credit_card', en: 'credit card', zh: '贷记卡账户' },
    { code: 'R3', canonical: 'semi_credit_card', en: 'semi-credit card', zh: '准贷记卡账户' },
    { code: 'R4', canonical: 'revolving_draw', en: 'draw under a revolving limit', zh: '循环额度下分账户' },
    { code: 'C1', canonical: 'recovery', en: 'account in recovery', zh: '催收账户' },
  ],
} as const satisfies CodeList;

const loans = ['D1', 'R1', 'R4'] as const;
const termLoans = ['D1', 'R4'] as const;
const cards = ['R2', 'R3'] as const;

export const pbocAccountStates = {
  ...pbocReport,
  name: 'pboc-account-states',
  field: 'account.status',
  note:
    'A state means something only together with its account type: 5 of a D1 is a transferred loan, of an ' +
    'R1 a stopped one, of an R2 a bad debt. R1 and R4 are read as D1 where no public reader says otherwise.',
  entries: [
    { code: '1', canonical: 'normal', scope: loans, en: 'normal', zh: '正常' },
    { code: '2', canonical: 'overdue', scope: loans, en: 'overdue', zh: '逾期' },
    { code: '3', canonical: 'settled', scope: loans, en: 'settled', zh: '结清' },
    { code: '4', canonical: 'bad_debt', scope: loans, en: 'bad debt', zh: '呆账' },
    { code: '5', canonical: 'transferred', scope: termLoans, en: 'transferred', zh: '转出' },
    { code: '5', canonical: 'stopped', scope: ['R1'], en: 'stopped by the bank', zh: '银行止付' },
    { code: '6', canonical: 'collateral_short', scope: loans, en: 'collateral short', zh: '担保物不足' },
    { code: '7', canonical: 'forced_liquidation', scope: loans, en: 'forced liquidation', zh: '强制平仓' },
    { code: '8', canonical: 'judicial_recovery', scope: loans, en: 'recovery by a court', zh: '司法追偿' },
    { code: '1', canonical: 'normal', scope: cards, en: 'normal', zh: '正常' },
    { code: '2', canonical: 'frozen', scope: cards, en: 'frozen', zh: '冻结' },
    { code: '3', canonical: 'stopped', scope: cards, en: 'stopped', zh: '止付' },
    { code: '31', canonical: 'stopped', scope: cards, en: 'stopped by the bank', zh: '银行止付' },
    { code: '4', canonical: 'closed', scope: cards, en: 'closed', zh: '销户' },
    { code: '5', canonical: 'bad_debt', scope: cards, en: 'bad debt', zh: '呆账' },
    { code: '6', canonical: 'inactive', scope: cards, en: 'not activated', zh: '未激活' },
    { code: '8', canonical: 'judicial_recovery', scope: cards, en: 'recovery by a court', zh: '司法追偿' },
    { code: '1', canonical: 'collecting', scope: ['C1'], en: 'being collected', zh: '催收' },
    { code: '2', canonical: 'ended', scope: ['C1'], en: 'collection ended', zh: '结束' },
  ],
} as const satisfies CodeList;

export const pbocClass5 = {
  ...pbocReport,
  name: 'pboc-class5',
  field: 'account.class5',
  entries: [
    { code: '1', canonical: 'normal', en: 'normal', zh: '正常' },
    { code: '2', canonical: 'special_mention', en: 'special mention', zh: '关注' },
    { code: '3', canonical: 'substandard', en: 'substandard', zh: '次级' },
    { code: '4', canonical: 'doubtful', en: 'doubtful', zh: '可疑' },
    { code: '5', canonical: 'loss', en: 'loss', zh: '损失' },
    { code: '6', canonical: 'default', en: 'default', zh: '违约' },
    { code: '9', canonical: 'unclassified', en: 'not classified', zh: '未分类' },
  ],
} as const satisfies CodeList;

export const pbocFrequencies = {
  ...pbocReport,
  name: 'pboc-frequencies',
  field: 'account.repayment_frequency',
  entries: [
    { code: '01', canonical: 'day', en: 'each day', zh: '日' },
    { code: '02', canonical: 'week', en: 'each week', zh: '周' },
    { code: '03', canonical: 'month', en: 'each month', zh: '月' },
    { code: '04', canonical: 'quarter', en: 'each quarter', zh: '季' },
    { code: '05', canonical: 'half_year', en: 'each half year', zh: '半年' },
    { code: '06', canonical: 'year', en: 'each year', zh: '年' },
    { code: '07', canonical: 'once', en: 'once', zh: '一次性' },
    { code: '08', canonical: 'irregular', en: 'at no fixed time', zh: '不定期' },
    { code: '12', canonical: 'ten_day', en: 'each ten days', zh: '旬' },
    { code: '13', canonical: 'two_week', en: 'each two weeks', zh: '双周' },
    { code: '14', canonical: 'two_month', en: 'each two months', zh: '双月' },
    { code: '99', canonical: 'other', en: 'other', zh: '其他' },
  ],
} as const satisfies CodeList;
