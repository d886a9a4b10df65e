import { EnterpriseProfileSchema, PersonProfileSchema } from './profile.ts';
import { plainRecordSchemas, type PlainRecordKind } from './record.ts';

/** What a kind of record is called, and what it says. */
interface KindName {
  readonly en: string;
  readonly zh: string;
  readonly about: string;
}

const names: Readonly<Record<PlainRecordKind, KindName>> = {
  account: {
    en: 'credit account',
    zh: '信贷账户',
    about: 'A loan, a card or a debt in recovery, as its lender reports it.',
  },
  account_event: {
    en: 'event of an account',
    zh: '特殊交易与事件',
    about: 'A special transaction, a special event or a large instalment of an account.',
  },
  annotation: {
    en: 'annotation',
    zh: '标注与声明',
    about:
      'A declaration of the subject, or a note of a provider or bureau, about the file or one record of it.',
  },
  conditional: {
    en: 'conditional data',
    zh: '限制采集信息',
    about:
      'Income, deposits, securities, insurance, real estate or tax: only after notice of the consequences ' +
      'and with written consent (Regulation on the Credit Reporting Industry, article 14).',
  },
  facility: { en: 'credit agreement', zh: '授信协议', about: 'What may be drawn, apart from what was.' },
  inquiry: { en: 'inquiry', zh: '查询记录', about: 'An earlier inquiry that the bureau itself answered.' },
  liability: {
    en: 'repayment liability',
    zh: '相关还款责任',
    about: 'Somebody else’s debt for which the subject answers.',
  },
  obligation: {
    en: 'regular payment',
    zh: '定期支付',
    about: 'A regular payment as the paying account sees it: that something is paid, not to whom it is owed.',
  },
  postpaid: {
    en: 'post-paid service',
    zh: '后付费业务',
    about: 'A service that is used first and paid afterwards.',
  },
  public_record: {
    en: 'public record',
    zh: '公共记录',
    about: 'What an authority has made public about the subject; it never outlives its register.',
  },
  rating: {
    en: 'rating',
    zh: '评级',
    about: 'What a rating agency says of an enterprise, or of one of its debts.',
  },
  relation: {
    en: 'relation',
    zh: '关联关系',
    about: 'Who owns, controls or runs an enterprise, under a pseudonym.',
  },
  score: {
    en: 'score',
    zh: '信用评分',
    about: 'A score with its range and its safe end, or the reason why there is none.',
  },
  statement: {
    en: 'financial statement',
    zh: '财务报表',
    about: 'An enterprise’s statement of one period, item by item.',
  },
  watchlist: {
    en: 'watch-list entry',
    zh: '行业关注名单',
    about: 'An entry of an industry’s list of attention.',
  },
};

const person: KindName = {
  en: 'profile of a person',
  zh: '个人基本信息',
  about: 'A natural person: never a name, an identifier, a contact or an address.',
};
const enterprise: KindName = {
  en: 'profile of an enterprise',
  zh: '企业基本信息',
  about: 'An enterprise; sizes and industries are the source’s codes.',
};

const plain = (Object.keys(plainRecordSchemas) as PlainRecordKind[]).map((kind) => ({
  name: kind,
  ...names[kind],
  schema: plainRecordSchemas[kind],
}));

/** Every kind of record, by the name of its schema document; a profile has one for each kind of subject. */
export const recordKinds = [
  ...plain,
  { name: 'person_profile', ...person, schema: PersonProfileSchema },
  { name: 'enterprise_profile', ...enterprise, schema: EnterpriseProfileSchema },
] as const;
