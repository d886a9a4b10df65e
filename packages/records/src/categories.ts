import Type from 'typebox';
import type { Static } from 'typebox';

/**
 * The categories a consent and an inquiry can name. There is none for contacts, location or devices: what has
 * no category cannot be asked for. CONDITIONAL is the data of the Regulation on the Credit Reporting Industry
 * (2013), article 14, second paragraph (income, deposits, securities, commercial insurance, real estate,
 * tax).
 */
export const categories = [
  'IDENTITY',
  'EMPLOYMENT',
  'ACCOUNT_SUMMARY',
  'ACCOUNT_DETAIL',
  'REPAYMENT_HISTORY',
  'GUARANTEE',
  'POSTPAID',
  'PUBLIC_RECORD',
  'INQUIRY',
  'SCORE',
  'WATCHLIST',
  'FINANCIALS',
  'OWNERSHIP',
  'CONDITIONAL',
] as const;

export const CategorySchema = Type.Enum([...categories]);

export type Category = Static<typeof CategorySchema>;

/** Labels for people, English and Chinese. */
export const categoryLabels: Readonly<Record<Category, { en: string; zh: string }>> = {
  IDENTITY: { en: 'identity and profile', zh: '身份信息' },
  EMPLOYMENT: { en: 'employment and education', zh: '职业与教育信息' },
  ACCOUNT_SUMMARY: { en: 'account summary', zh: '账户概要' },
  ACCOUNT_DETAIL: { en: 'account detail', zh: '账户明细' },
  REPAYMENT_HISTORY: { en: 'repayment history', zh: '还款记录' },
  GUARANTEE: { en: 'guarantees', zh: '担保信息' },
  POSTPAID: { en: 'post-paid services', zh: '后付费业务' },
  PUBLIC_RECORD: { en: 'public records', zh: '公共记录' },
  INQUIRY: { en: 'inquiries', zh: '查询记录' },
  SCORE: { en: 'scores', zh: '信用评分' },
  WATCHLIST: { en: 'watch lists', zh: '行业关注名单' },
  FINANCIALS: { en: 'financial statements', zh: '财务信息' },
  OWNERSHIP: { en: 'ownership', zh: '股权信息' },
  CONDITIONAL: {
    en: 'income, deposits, securities, insurance, real estate, tax',
    zh: '收入、存款、有价证券、商业保险、不动产、纳税',
  },
};

type Words = Readonly<Record<string, readonly string[]>>;

/** Data that no bureau may collect (the same article 14, first paragraph), by the words its columns carry. */
const prohibitedWords: Words = {
  religion: ['religion', 'religious', 'faith', '宗教', '信仰'],
  gene: ['gene', 'genes', 'genetic', 'genome', 'dna', '基因'],
  fingerprint: ['fingerprint', 'fingerprints', '指纹'],
  blood_type: ['bloodtype', 'bloodgroup', '血型'],
  disease: ['disease', 'diseases', 'illness', 'diagnosis', '疾病'],
  medical_history: ['medicalhistory', 'medicalrecord', 'medicalrecords', '病史', '病历'],
};

/** Data that has no category on purpose: whom to reach, where somebody is, and by what device. */
const placelessWords: Words = {
  contact: [
    'phone',
    'mobile',
    'telephone',
    'email',
    'address',
    'contact',
    'contacts',
    '电话',
    '手机',
    '邮箱',
    '地址',
    '住址',
    '通讯录',
  ],
  location: ['location', 'latitude', 'longitude', 'gps', '位置', '定位'],
  device: ['device', 'devices', 'imei', 'imsi', 'wifi', 'userip', 'ipaddress', 'macaddress', '设备'],
};

/**
 * The prohibited kind of data that a column or field name stands for, or undefined. It compares whole words
 * (and two words run together), so that 'generation' is not 'gene'; Chinese terms are found anywhere in the
 * name.
 */
export function prohibitedData(name: string): string | undefined {
  return kindNamed(name, prohibitedWords);
}

/** As `prohibitedData`, and beside it contacts, locations and devices, which the model has no place for. */
export function deniedData(name: string): string | undefined {
  return prohibitedData(name) ?? kindNamed(name, placelessWords);
}

function kindNamed(name: string, kinds: Words): string | undefined {
  const split = name
    .normalize('NFKC')
    .replace(/([a-z])([A-Z])/gu, '$1 $2')
    .toLowerCase();
  const words = split.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
  const pairs = words.map((word, at) => word + (words[at + 1] ?? ''));
  const found = Object.entries(kinds).find(([, terms]) =>
    terms.some(
      (term) =>
        words.includes(term) ||
        pairs.includes(term) ||
        (/\p{Script=Han}/u.test(term) && split.includes(term)),
    ),
  );
  return found?.[0];
}
