import { staffWordsEn, staffWordsZh } from '@causeway/ui/staff-words.ts';
import { wordsFrom } from '@causeway/ui/words.tsx';
import { en } from './messages/en.ts';
import { zh } from './messages/zh.ts';

export type { Language } from '@causeway/ui/words.tsx';

/** The words of the console. */
export const { LanguageProvider, useWords } = wordsFrom({
  'zh-CN': { ...staffWordsZh, ...zh },
  en: { ...staffWordsEn, ...en },
});
