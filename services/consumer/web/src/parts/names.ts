import { categoryLabels } from '@causeway/records/categories';
import { purposes } from '@causeway/records/purposes';
import { useQuery } from '@tanstack/react-query';
import { api } from '../api.ts';
import { type Language, useWords } from '../language.tsx';

const inLanguage = (label: { en: string; zh: string } | undefined, language: Language): string | undefined =>
  language === 'en' ? label?.en : label?.zh;
const own = <T>(of: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(of, key) ? of[key] : undefined;

/** What a member is called, and its id while that is not known. */
export function useMemberNames(): (id: string) => string {
  const { language } = useWords();
  const { data } = useQuery({ queryKey: ['members'], queryFn: api.members, staleTime: Infinity });
  return (id) => {
    const member = data?.items.find((one) => one.id === id);
    return (language === 'zh-CN' ? member?.legal_name_zh : undefined) ?? member?.legal_name ?? id;
  };
}

export function purposeName(code: string, language: Language): string {
  return inLanguage(own<{ en: string; zh: string }>(purposes, code), language) ?? code;
}

export function categoryNames(codes: readonly string[], language: Language): string {
  return list(
    codes.map((code) => inLanguage(own<{ en: string; zh: string }>(categoryLabels, code), language) ?? code),
    language,
  );
}

/** Words behind each other, as the language does it. */
export function list(words: readonly string[], language: Language): string {
  return words.join(language === 'en' ? ', ' : '、');
}
