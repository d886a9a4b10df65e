import { sha256Digest, type Digest } from '@causeway/protocol';
import { formWords } from './form-words.ts';
import type { DeclaredProduct, Frequency } from './schema.ts';

export type FormLanguage = 'zh-CN' | 'en';

/** A member as the form names it. */
export interface NamedMember {
  readonly id: string;
  readonly legal_name: string;
  readonly legal_name_zh?: string | undefined;
}

/** Who asks, as the directory has it. */
export interface AskingMember extends NamedMember {
  /** Licence class. */
  readonly class: string;
  /** ISO 3166-2. */
  readonly jurisdiction: string;
}

/** What a subject is asked to agree to; every word of the form comes from here. */
export interface ConsentTerms {
  readonly grantee: AskingMember;
  readonly bureaus: readonly NamedMember[];
  readonly purposes: readonly string[];
  readonly categories: readonly string[];
  readonly validDays: number;
  readonly fetch: 'once' | 'periodic';
  readonly maxUses: number;
  readonly frequency?: Frequency | undefined;
  /** ISO 8601 duration, years to days. */
  readonly recipientRetention: string;
  /** As the lender declares it. */
  readonly product?: DeclaredProduct | undefined;
}

/** The text that the subject sees, and the digest of its UTF-8. */
export interface ConsentForm {
  readonly language: FormLanguage;
  readonly text: string;
  readonly digest: Digest;
}

/**
 * The consent form: what, whom, what for, how long, how often, and how to end it (Personal Information
 * Protection Law, articles 14, 15 and 17). The same terms give the same text, byte for byte; any other term
 * gives another.
 */
export function renderForm(terms: ConsentTerms, language: FormLanguage): ConsentForm {
  const text = formWords[language](terms).join('\n');
  return { language, text, digest: sha256Digest(text) };
}
