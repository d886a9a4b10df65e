import type { Language } from '../language.tsx';

/** Fields of the canonical model as people call them; one that is not here is shown by its own name. */
const names: Readonly<Record<string, readonly [en: string, zh: string]>> = {
  source_institution: ['reported by', '报送机构'],
  as_of: ['as of', '数据日期'],
  reported_on: ['reported on', '报送日期'],
  is_adverse: ['adverse', '是否不良'],
  notice_id: ['prior notice', '事先告知编号'],
  notice_exemption: ['exempt from notice by', '免告知依据'],
  adverse_started_on: ['adverse since', '不良起始日'],
  first_delinquency_on: ['first overdue', '首次逾期日'],
  adverse_ended_on: ['adverse until', '不良终止日'],
  account_ref: ['account', '账户编号'],
  type: ['type', '类型'],
  currency: ['currency', '币种'],
  status: ['status', '状态'],
  status_native: ['status at the source', '源系统状态'],
  business_kind: ['kind of business', '业务种类'],
  lender_ref: ['lender', '授信机构'],
  lender_type: ['kind of lender', '授信机构类型'],
  contract_digest: ['digest of the contract', '合同摘要'],
  joint_role: ['role in a joint loan', '共同借款角色'],
  security_kind: ['security', '担保方式'],
  opened: ['opened', '开立日期'],
  due: ['due', '到期日期'],
  closed: ['closed', '结清日期'],
  original: ['amount granted', '授信金额'],
  limit: ['limit', '额度'],
  balance: ['balance', '余额'],
  used: ['used', '已用额度'],
  scheduled_due: ['due this month', '本月应还'],
  actual_paid: ['paid this month', '本月实还'],
  overdue_total: ['overdue', '当前逾期总额'],
  shared_limit: ['shared limit', '共享额度'],
  average_used_6m: ['average used, six months', '近六个月平均使用'],
  peak_used: ['most used', '最大使用'],
  rate_ppm: ['rate', '利率'],
  last_paid_on: ['last paid', '最近还款日'],
  overdue_terms: ['overdue terms', '当前逾期期数'],
  term_count: ['terms', '还款期数'],
  remaining_terms: ['terms left', '剩余期数'],
  repayment_frequency: ['repayment', '还款频率'],
  class5: ['five-class quality', '五级分类'],
  kind: ['kind', '种类'],
  on: ['on', '日期'],
  sex: ['sex', '性别'],
};

/** What a field is called in a language. */
export function fieldName(name: string, language: Language): string {
  const known = Object.hasOwn(names, name) ? names[name] : undefined;
  return known?.[language === 'en' ? 0 : 1] ?? name;
}
