import { sha256Digest } from '@causeway/protocol';
import type { Category } from '@causeway/records';
import { categoryLabel, licence, named } from './form-words.ts';
import type { AskingMember, ConsentForm, FormLanguage, NamedMember } from './form.ts';

/** What a subject is asked to let a lender give to bureaus. */
export interface ProvisionTerms {
  readonly provider: AskingMember;
  readonly bureaus: readonly NamedMember[];
  readonly categories: readonly Category[];
  /** As the lender names it to the subject. */
  readonly contract: string;
  readonly validDays: number;
}

/**
 * The form of a consent to provide, which is no consent to a query and says so (Regulation on the Credit
 * Reporting Industry, articles 15, 16 and 29). The same terms give the same text, byte for byte.
 */
export function renderProvision(terms: ProvisionTerms, language: FormLanguage): ConsentForm {
  const text = (language === 'zh-CN' ? chinese(terms) : english(terms)).join('\n');
  return { language, text, digest: sha256Digest(text) };
}

function english({ bureaus, categories, contract, provider, validDays }: ProvisionTerms): string[] {
  return [
    'Consent to providing credit information',
    `I allow ${named(provider, 'en')} to give information about me to credit bureaus.`,
    licence(provider, 'en'),
    `It is about this contract, as the institution names it: ${contract}.`,
    `Information: ${categories.map((code) => categoryLabel(code, 'en')).join('; ')}.`,
    `To these bureaus and no others: ${bureaus.map((bureau) => named(bureau, 'en')).join('; ')}.`,
    `Valid as long as the contract lasts, and for ${validDays} days from my approval at most.`,
    'Before adverse information is given, the institution tells me of it.',
    'A bureau keeps adverse information for five years from the day on which it ended, and no longer.',
    'This lets nobody look at my credit information: for that I am asked each time by itself.',
    'I can withdraw this consent at any time, in as few steps as giving it.',
    'What was given before stays lawful.',
  ];
}

function chinese({ bureaus, categories, contract, provider, validDays }: ProvisionTerms): string[] {
  return [
    '信用信息提供授权书',
    `本人授权${named(provider, 'zh-CN')}向征信机构提供本人的信用信息。`,
    licence(provider, 'zh-CN'),
    `所涉合同（以该机构所称为准）：${contract}。`,
    `信息范围：${categories.map((code) => categoryLabel(code, 'zh-CN')).join('；')}。`,
    `接收方仅限以下征信机构：${bureaus.map((bureau) => named(bureau, 'zh-CN')).join('、')}。`,
    `授权期限：合同存续期间，且自本人同意之日起最长${validDays}日。`,
    '提供不良信息前，该机构应当事先告知本人。',
    '征信机构对不良信息的保存期限为自不良行为终止之日起五年，期满即删除。',
    '本授权不允许任何人查询本人的信用信息；每一次查询另行征得本人同意。',
    '本人可随时撤回本授权，撤回与授权同样便捷；撤回不影响撤回前已进行的提供的效力。',
  ];
}
