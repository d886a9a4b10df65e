import type { CodeList } from './code-list.ts';

/** The edition and citation that the lists of Metro 2 share. */
export const metro2Format = {
  scheme: 'metro2',
  version: 'base-segment-426',
  source:
    'Consumer Data Industry Association: Metro 2 Format, base segment of 426 bytes, as public guides for ' +
    'furnishers describe it',
} as const;

export const metro2PortfolioTypes = {
  ...metro2Format,
  name: 'metro2-portfolio-types',
  field: 'account.type',
  note: 'O and R need the account type beside them to tell a card from a loan.',
  entries: [
    { code: 'C', canonical: 'revolving_loan', en: 'line of credit', zh: '授信额度贷款' },
    { code: 'I', canonical: 'term', en: 'instalment loan', zh: '分期贷款' },
    { code: 'M', canonical: 'term', en: 'mortgage', zh: '住房抵押贷款' },
    { code: 'O', canonical: null, en: 'open account, due in full', zh: '全额到期账户' },
    { code: 'R', canonical: null, en: 'revolving', zh: '循环账户' },
  ],
} as const satisfies CodeList;

export const metro2Ecoa = {
  ...metro2Format,
  name: 'metro2-ecoa',
  field: 'account.joint_role',
  note: 'T, X and Z say something about the person or the report, not about a share in the account.',
  entries: [
    { code: '1', canonical: 'individual', en: 'individual', zh: '个人账户' },
    { code: '2', canonical: 'joint', en: 'joint, by contract', zh: '共同账户' },
    { code: '3', canonical: 'authorised_user', en: 'authorised user', zh: '授权使用人' },
    { code: '5', canonical: 'co_maker', en: 'co-maker or guarantor', zh: '共同借款人或保证人' },
    { code: '7', canonical: 'maker', en: 'maker', zh: '主借款人' },
    { code: 'T', canonical: null, en: 'association ended', zh: '关系终止' },
    { code: 'W', canonical: 'business', en: 'business', zh: '企业账户' },
    { code: 'X', canonical: null, en: 'deceased', zh: '已故' },
    { code: 'Z', canonical: null, en: 'delete this person', zh: '删除该消费者' },
  ],
} as const satisfies CodeList;

export const metro2AccountStatus = {
  ...metro2Format,
  name: 'metro2-account-status',
  field: 'account.status',
  note: 'With 13, 65, 88, 89, 94 and 95 the payment rating says how late it was; DA and DF delete it.',
  entries: [
    { code: '05', canonical: 'transferred', en: 'transferred', zh: '已转出' },
    { code: '11', canonical: 'normal', dpd: { min: 0, max: 29 }, en: 'current', zh: '正常' },
    { code: '13', canonical: 'settled', en: 'paid or closed', zh: '已结清或销户' },
    { code: '61', canonical: 'settled', en: 'paid, was a voluntary surrender', zh: '已付清（曾自愿交还）' },
    { code: '62', canonical: 'settled', en: 'paid, was in collection', zh: '已付清（曾催收）' },
    { code: '63', canonical: 'settled', en: 'paid, was a repossession', zh: '已付清（曾收回抵押物）' },
    { code: '64', canonical: 'settled', en: 'paid, was a charge-off', zh: '已付清（曾核销）' },
    { code: '65', canonical: 'settled', en: 'paid, foreclosure had started', zh: '已付清（曾启动止赎）' },
    { code: '71', canonical: 'overdue', dpd: { min: 30, max: 59 }, en: '30 to 59 days', zh: '逾期30—59天' },
    { code: '78', canonical: 'overdue', dpd: { min: 60, max: 89 }, en: '60 to 89 days', zh: '逾期60—89天' },
    {
      code: '80',
      canonical: 'overdue',
      dpd: { min: 90, max: 119 },
      en: '90 to 119 days',
      zh: '逾期90—119天',
    },
    {
      code: '82',
      canonical: 'overdue',
      dpd: { min: 120, max: 149 },
      en: '120 to 149 days',
      zh: '逾期120—149天',
    },
    {
      code: '83',
      canonical: 'overdue',
      dpd: { min: 150, max: 179 },
      en: '150 to 179 days',
      zh: '逾期150—179天',
    },
    {
      code: '84',
      canonical: 'overdue',
      dpd: { min: 180, max: null },
      en: '180 days and more',
      zh: '逾期180天及以上',
    },
    { code: '88', canonical: 'overdue', en: 'claim filed with the insurer', zh: '已向政府担保机构索赔' },
    { code: '89', canonical: 'closed', en: 'deed in lieu of foreclosure', zh: '以房产契据代替止赎' },
    { code: '93', canonical: 'collecting', en: 'in collection', zh: '催收中' },
    { code: '94', canonical: 'closed', en: 'foreclosure completed', zh: '止赎完成' },
    { code: '95', canonical: 'forced_liquidation', en: 'voluntary surrender', zh: '自愿交还抵押物' },
    { code: '96', canonical: 'forced_liquidation', en: 'repossession', zh: '收回抵押物' },
    { code: '97', canonical: 'bad_debt', en: 'charge-off', zh: '核销' },
    { code: 'DA', canonical: null, en: 'delete the account', zh: '删除账户' },
    { code: 'DF', canonical: null, en: 'delete the account, fraud', zh: '因欺诈删除账户' },
  ],
} as const satisfies CodeList;
