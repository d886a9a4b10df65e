import Type from 'typebox';
import type { Static } from 'typebox';

interface PurposeEntry {
  readonly en: string;
  readonly zh: string;
  /** The query reason of the PBOC second-generation report, where it has one. */
  readonly pboc?: string;
  /**
   * Who sees that it happened: every lender, only the subject, or nobody but the subject and the supervisor.
   */
  readonly kind: 'hard' | 'soft' | 'own' | 'official' | 'restricted';
}

/** The purposes an inquiry can have, whether or not policy allows them today. */
export const purposes = {
  LOAN_APPROVAL: { en: 'loan approval', zh: '贷款审批', pboc: '02', kind: 'hard' },
  CARD_APPROVAL: { en: 'credit card approval', zh: '信用卡审批', pboc: '03', kind: 'hard' },
  FINANCING_APPROVAL: { en: 'financing approval', zh: '融资审批', pboc: '24', kind: 'hard' },
  LIMIT_APPROVAL: { en: 'credit limit approval', zh: '额度审批', pboc: '26', kind: 'hard' },
  GUARANTOR_REVIEW: { en: 'guarantor review', zh: '担保资格审查', pboc: '08', kind: 'hard' },
  PRE_GUARANTEE: { en: 'review before a guarantee', zh: '保前审查', pboc: '20', kind: 'hard' },
  POST_GUARANTEE: { en: 'management of a guarantee', zh: '保后管理', pboc: '21', kind: 'soft' },
  POST_LOAN: { en: 'post-loan management', zh: '贷后管理', pboc: '01', kind: 'soft' },
  RELATED_PARTY_REVIEW: {
    en: 'review of a legal representative or officer',
    zh: '法人代表等资信审查',
    pboc: '22',
    kind: 'hard',
  },
  MERCHANT_REVIEW: { en: 'merchant review', zh: '特约商户实名审查', pboc: '19', kind: 'soft' },
  ADMISSION: { en: 'customer admission', zh: '客户准入', pboc: '23', kind: 'soft' },
  CREDIT_CHECK: { en: 'credit standing check', zh: '资信审查', pboc: '25', kind: 'soft' },
  HOUSING_FUND: { en: 'housing fund review', zh: '公积金复核', pboc: '16', kind: 'soft' },
  INDEX_FUTURES: { en: 'index futures account', zh: '股指期货开户', pboc: '18', kind: 'soft' },
  COLLECTION: { en: 'collection', zh: '催收', kind: 'restricted' },
  OWN_ENQUIRY: { en: 'own enquiry', zh: '本人查询', kind: 'own' },
  DISPUTE: { en: 'dispute handling', zh: '异议处理', kind: 'official' },
  JUDICIAL: { en: 'judicial inquiry', zh: '司法调查', pboc: '09', kind: 'official' },
  SUPERVISION: { en: 'supervision', zh: '监管', kind: 'official' },
  EMPLOYMENT: { en: 'employment', zh: '求职', kind: 'restricted' },
  MODEL_RESEARCH: { en: 'model research', zh: '建模研究', kind: 'restricted' },
} as const satisfies Readonly<Record<string, PurposeEntry>>;

export type Purpose = keyof typeof purposes;

export const purposeCodes = Object.keys(purposes) as readonly Purpose[];

export const PurposeSchema = Type.Enum([...purposeCodes]);

/** How an inquiry counts: hard ones are seen by every lender, soft and own ones by the subject only. */
export const InquiryKindSchema = Type.Enum(['hard', 'soft', 'own', 'official', 'restricted']);

export type InquiryKind = Static<typeof InquiryKindSchema>;
