import { setupI18n } from '@lingui/core';
import { compileMessage } from '@lingui/message-utils/compileMessage';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';

export type Language = 'zh-CN' | 'en';

const kept = 'causeway-language';

export interface Words<Key extends string> {
  readonly language: Language;
  readonly choose: (language: Language) => void;
  /** The words for a key, with values filled in. */
  readonly t: (key: Key, values?: Record<string, string | number>) => string;
  /** A time as people write it, in their own zone. */
  readonly time: (iso: string) => string;
  /** A day, `2026-11-26`, as people write it. */
  readonly day: (date: string) => string;
}

/** The words of some pages, in both languages: ICU MessageFormat, the same keys in each. */
export function wordsFrom<Key extends string>(catalogs: Readonly<Record<Language, Record<Key, string>>>) {
  const Context = createContext<Words<Key> | undefined>(undefined);

  /** Gives the pages below it their words; the choice is kept in this browser. */
  function LanguageProvider({ children }: { readonly children: ReactNode }) {
    const [language, setLanguage] = useState<Language>(firstLanguage);
    useEffect(() => {
      document.documentElement.lang = language;
      localStorage.setItem(kept, language);
    }, [language]);
    const words = useMemo(() => wordsIn(language, catalogs[language], setLanguage), [language]);
    return <Context value={words}>{children}</Context>;
  }

  function useWords(): Words<Key> {
    const words = useContext(Context);
    if (words === undefined) throw new Error('a page without words');
    return words;
  }

  return { LanguageProvider, useWords };
}

function firstLanguage(): Language {
  const chosen = localStorage.getItem(kept) ?? navigator.language;
  return chosen.startsWith('en') ? 'en' : 'zh-CN';
}

function wordsIn<Key extends string>(
  language: Language,
  catalog: Record<Key, string>,
  choose: (language: Language) => void,
): Words<Key> {
  const i18n = setupI18n({ locale: language, messages: { [language]: { ...catalog } } });
  i18n.setMessagesCompiler(compileMessage);
  const dates = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const days = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' });
  return {
    language,
    choose,
    t: (key, values) => i18n._(key, values),
    time: (iso) => dates.format(new Date(iso)),
    day: (date) => days.format(new Date(date)),
  };
}
