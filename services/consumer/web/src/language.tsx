import { setupI18n } from '@lingui/core';
import { compileMessage } from '@lingui/message-utils/compileMessage';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { en, type Messages } from './messages/en.ts';
import { zh } from './messages/zh.ts';

export type Language = 'zh-CN' | 'en';

const catalogs: Readonly<Record<Language, Messages>> = { 'zh-CN': zh, en };
const kept = 'causeway-language';

interface Words {
  readonly language: Language;
  readonly choose: (language: Language) => void;
  /** The words for a key, with values filled in. */
  readonly t: (key: keyof Messages, values?: Record<string, string | number>) => string;
  /** A time as people write it, in their own zone. */
  readonly time: (iso: string) => string;
}

const LanguageContext = createContext<Words | undefined>(undefined);

/** Gives the pages below it their words; the choice is kept in this browser. */
export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(firstLanguage);
  useEffect(() => {
    document.documentElement.lang = language;
    localStorage.setItem(kept, language);
  }, [language]);
  const words = useMemo<Words>(() => wordsIn(language, setLanguage), [language]);
  return <LanguageContext value={words}>{children}</LanguageContext>;
}

export function useWords(): Words {
  const words = useContext(LanguageContext);
  if (words === undefined) throw new Error('a page without words');
  return words;
}

function firstLanguage(): Language {
  const chosen = localStorage.getItem(kept) ?? navigator.language;
  return chosen.startsWith('en') ? 'en' : 'zh-CN';
}

function wordsIn(language: Language, choose: Words['choose']): Words {
  const i18n = setupI18n({ locale: language, messages: { [language]: { ...catalogs[language] } } });
  i18n.setMessagesCompiler(compileMessage);
  const dates = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  return {
    language,
    choose,
    t: (key, values) => i18n._(key, values),
    time: (iso) => dates.format(new Date(iso)),
  };
}
