import {
  pbocAccountStates,
  pbocAccountTypes,
  pbocClass5,
  pbocFrequencies,
} from '@causeway/records/code-lists/pboc-accounts';
import { pbocRepaymentStates } from '@causeway/records/code-lists/pboc-repayment-states';
import type { Language } from '../language.tsx';

type Pair = readonly [en: string, zh: string];
interface Entry {
  readonly canonical: string | null;
  readonly en: string;
  readonly zh: string;
}

/** The first entry of each canonical value names it, as the PBOC report does. */
const named = ({ entries }: { readonly entries: readonly Entry[] }): Record<string, Pair> =>
  Object.fromEntries(
    entries
      .toReversed()
      .flatMap(({ canonical, en, zh }) => (canonical === null ? [] : [[canonical, [en, zh]]])),
  );

/** What the canonical model's words are called for people; what is not here is shown as it is. */
const vocabularies = {
  account_type: {
    ...named(pbocAccountTypes),
    lease: ['lease', '融资租赁'],
    securities_financing: ['securities financing', '证券融资'],
  },
  account_status: { ...named(pbocAccountStates), unknown: ['unknown', '未知'] },
  class5: named(pbocClass5),
  frequency: named(pbocFrequencies),
  month: named(pbocRepaymentStates),
  obligation_kind: {
    loan: ['loan', '贷款'],
    lease: ['lease', '融资租赁'],
    household: ['household', '生活缴费'],
    insurance: ['insurance', '保险'],
    other: ['other', '其他'],
  },
  profile_field: {
    birth_date: ['Date of birth', '出生日期'],
    sex: ['Sex', '性别'],
    nationality: ['Nationality', '国籍'],
    marital_status: ['Marital status', '婚姻状况'],
    education: ['Education', '学历'],
    degree: ['Degree', '学位'],
    employment_status: ['Employment', '就业状况'],
    occupation: ['Occupation', '职业'],
    industry: ['Industry', '行业'],
    org_type: ['Kind of organisation', '组织机构类型'],
    economic_type: ['Economic type', '经济类型'],
    size: ['Size', '企业规模'],
    founded: ['Founded', '成立日期'],
    licence_expires: ['Licence until', '证照有效期'],
    status: ['Status', '存续状态'],
    registered_capital: ['Registered capital', '注册资本'],
  },
  account_field: {
    opened: ['Opened', '开立日期'],
    due: ['Due', '到期日期'],
    closed: ['Closed', '关闭日期'],
    status: ['State', '账户状态'],
    type: ['Type', '账户类型'],
    class5: ['Class', '五级分类'],
    original: ['Borrowed', '借款金额'],
    limit: ['Limit', '授信额度'],
    balance: ['Owed', '余额'],
    used: ['Used', '已用额度'],
    scheduled_due: ['Due this month', '本月应还款'],
    actual_paid: ['Paid this month', '本月实还款'],
    overdue_total: ['Overdue', '当前逾期总额'],
    overdue_terms: ['Overdue terms', '当前逾期期数'],
    last_paid_on: ['Last paid', '最近还款日期'],
    term_count: ['Terms', '还款期数'],
    remaining_terms: ['Terms left', '剩余还款期数'],
    repayment_frequency: ['Repaid', '还款频率'],
    history: ['Repayment history', '还款记录'],
  },
  public_kind: {
    tax_arrears: ['tax arrears', '欠税记录'],
    judgment: ['civil judgment', '民事判决记录'],
    enforcement: ['enforcement', '强制执行记录'],
    dishonest_debtor: ['list of dishonest debtors', '失信被执行人'],
    penalty: ['administrative penalty', '行政处罚记录'],
    housing_fund: ['housing fund', '住房公积金参缴记录'],
    social_aid: ['social aid', '低保救助记录'],
    licence: ['licence', '执业资格记录'],
    award: ['award', '行政奖励记录'],
    bankruptcy: ['bankruptcy', '破产记录'],
    customs_inspection: ['customs inspection', '出入境检验检疫记录'],
    financing_limit: ['financing limit', '融资规模控制信息'],
  },
  sector: {
    telecom: ['telephone', '电信'],
    electricity: ['electricity', '电力'],
    water: ['water', '水务'],
    gas: ['gas', '燃气'],
    heating: ['heating', '供热'],
    other: ['other', '其他'],
  },
  postpaid_status: {
    normal: ['paid', '正常'],
    arrears: ['in arrears', '欠费'],
    closed: ['closed', '已销户'],
    unknown: ['unknown', '未知'],
  },
  facility_kind: {
    revolving: ['revolving', '循环额度'],
    non_revolving: ['not revolving', '非循环额度'],
    card_shared: ['shared by cards', '信用卡共享额度'],
    card_single: ['of one card', '信用卡独立额度'],
  },
  role: {
    guarantor: ['guarantor', '保证人'],
    counter_guarantor: ['counter-guarantor', '反担保人'],
    co_borrower: ['co-borrower', '共同借款人'],
    bill_payer: ['payer of a bill', '票据承兑人'],
    other: ['other', '其他'],
  },
  mark: {
    dispute_mark: ['under dispute', '异议标注'],
    subject_statement: ['your statement', '本人声明'],
    provider_note: ['note of the provider', '机构说明'],
    bureau_note: ['note of the bureau', '征信机构说明'],
  },
  sex: { female: ['female', '女'], male: ['male', '男'], unknown: ['unknown', '未知'] },
} as const satisfies Record<string, Readonly<Record<string, Pair>>>;

export type Vocabulary = keyof typeof vocabularies;

/** A word of the model as people say it, and the word itself where nobody has given it another. */
export function wordFor(vocabulary: Vocabulary, value: string, language: Language): string {
  const words: Readonly<Record<string, Pair>> = vocabularies[vocabulary];
  const pair = Object.hasOwn(words, value) ? words[value] : undefined;
  return pair?.[language === 'en' ? 0 : 1] ?? value.replaceAll('_', ' ');
}
