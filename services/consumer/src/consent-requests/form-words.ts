import { categoryLabels, purposes } from '@causeway/records';
import type { AskingMember, ConsentTerms, FormLanguage, NamedMember } from './form.ts';
import type { DeclaredProduct, Frequency } from './schema.ts';

/**
 * The lines of the form in each language. A change of wording changes every digest: it makes another form.
 */
export const formWords: Readonly<Record<FormLanguage, (terms: ConsentTerms) => string[]>> = {
  'zh-CN': chinese,
  en: english,
};

function english(terms: ConsentTerms): string[] {
  return [
    'Consent to a credit inquiry',
    `I allow ${named(terms.grantee, 'en')} to obtain my credit information.`,
    licence(terms.grantee, 'en'),
    ...(terms.product === undefined ? [] : [declared(terms.product, 'en')]),
    `Purposes: ${terms.purposes.map((code) => purposeLabel(code, 'en')).join('; ')}.`,
    `Information: ${terms.categories.map((code) => categoryLabel(code, 'en')).join('; ')}.`,
    `From these bureaus and no others: ${terms.bureaus.map((bureau) => named(bureau, 'en')).join('; ')}.`,
    `Valid for ${plural(terms.validDays, 'day')} from my approval.`,
    terms.fetch === 'once'
      ? 'It may be used once.'
      : `It may be used at most ${plural(terms.maxUses, 'time')}${oftenAtMost(terms.frequency, 'en')}.`,
    `The recipient may keep what it receives for ${duration(terms.recipientRetention, 'en')}.`,
    'Every inquiry, refused ones too, appears in my access history.',
    'I can withdraw this consent at any time, in as few steps as giving it.',
    'What was released before stays lawful.',
  ];
}

function chinese(terms: ConsentTerms): string[] {
  return [
    '信用信息查询授权书',
    `本人授权${named(terms.grantee, 'zh-CN')}查询本人的信用信息。`,
    licence(terms.grantee, 'zh-CN'),
    ...(terms.product === undefined ? [] : [declared(terms.product, 'zh-CN')]),
    `查询用途：${terms.purposes.map((code) => purposeLabel(code, 'zh-CN')).join('、')}。`,
    `信息范围：${terms.categories.map((code) => categoryLabel(code, 'zh-CN')).join('；')}。`,
    `信息来源仅限以下征信机构：${terms.bureaus.map((bureau) => named(bureau, 'zh-CN')).join('、')}。`,
    `授权期限：自本人同意之日起${terms.validDays}日。`,
    terms.fetch === 'once'
      ? '使用次数：一次。'
      : `使用次数：最多${terms.maxUses}次${oftenAtMost(terms.frequency, 'zh-CN')}。`,
    `接收方对所获信息的保存期限：${duration(terms.recipientRetention, 'zh-CN')}。`,
    '每一次查询（包括被拒绝的查询）均记入本人的查询记录。',
    '本人可随时撤回本授权，撤回与授权同样便捷；撤回不影响撤回前已进行的查询的效力。',
  ];
}

function oftenAtMost(frequency: Frequency | undefined, language: FormLanguage): string {
  if (frequency === undefined) return '';
  const { per, uses } = frequency;
  if (language === 'zh-CN') return `，且每个自然${per === 'day' ? '日' : '月'}最多${uses}次`;
  return `, and at most ${plural(uses, 'time')} in a calendar ${per}`;
}

export function named(member: NamedMember, language: FormLanguage): string {
  const name = language === 'zh-CN' ? (member.legal_name_zh ?? member.legal_name) : member.legal_name;
  return language === 'zh-CN' ? `${name}（${member.id}）` : `${name} (${member.id})`;
}

export function licence({ class: licenceClass, jurisdiction }: AskingMember, language: FormLanguage): string {
  return language === 'zh-CN'
    ? `该机构的牌照类别为${licenceClass}类，管辖地区为${jurisdiction}。`
    : `Its licence is of class ${licenceClass}, its jurisdiction ${jurisdiction}.`;
}

/** What the lender says of its offer, and that nobody else says it. */
function declared({ amount, apr, currency, name }: DeclaredProduct, language: FormLanguage): string {
  const sum = amount === undefined ? [] : [`${amount} ${currency}`];
  if (language === 'zh-CN') {
    const rate = apr === undefined ? [] : [`年化利率（APR）${apr}%`];
    return `该机构声明（未经他人核实）：产品“${name}”${['', ...sum.map((one) => `金额${one}`), ...rate].join('；')}。`;
  }
  const rate = apr === undefined ? [] : [`yearly rate (APR) ${apr} %`];
  const terms = [`product “${name}”`, ...sum.map((one) => `amount ${one}`), ...rate].join('; ');
  return `It declares, and nobody else has checked: ${terms}.`;
}

function purposeLabel(code: string, language: FormLanguage): string {
  const label = Object.hasOwn(purposes, code) ? purposes[code as keyof typeof purposes] : undefined;
  return (language === 'zh-CN' ? label?.zh : label?.en) ?? code;
}

export function categoryLabel(code: string, language: FormLanguage): string {
  const label = Object.hasOwn(categoryLabels, code)
    ? categoryLabels[code as keyof typeof categoryLabels]
    : undefined;
  return (language === 'zh-CN' ? label?.zh : label?.en) ?? code;
}

const units = {
  Y: { en: 'year', zh: '年' },
  M: { en: 'month', zh: '个月' },
  D: { en: 'day', zh: '日' },
} as const;

/** `P1Y6M` as `1 year, 6 months` or `1年6个月`. */
function duration(text: string, language: FormLanguage): string {
  const parts = [...text.matchAll(/([0-9]+)([YMD])/gu)].map(([, count, unit]) => {
    const word = units[unit as keyof typeof units];
    return language === 'zh-CN' ? `${Number(count)}${word.zh}` : plural(Number(count), word.en);
  });
  return parts.join(language === 'zh-CN' ? '' : ', ');
}

function plural(count: number, word: string): string {
  return count === 1 ? `1 ${word}` : `${count} ${word}s`;
}
