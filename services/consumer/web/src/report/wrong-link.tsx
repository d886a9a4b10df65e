import { Anchor } from '@mantine/core';
import { createContext, useContext } from 'react';
import { Link } from 'wouter';
import { useWords } from '../language.tsx';
import { list, useMemberNames } from '../parts/names.ts';
import type { Origins } from './own-report.ts';

interface Shown {
  readonly digest: string;
  readonly origins: Origins;
}

/** The report on the page, for the links of its rows. */
export const ShownReport = createContext<Shown>({ digest: '', origins: {} });

interface Props {
  /** The records that the row was made of. */
  readonly sources: readonly { readonly bureau: string; readonly record_id: string }[];
  /** What the row is about, for who hears the link without seeing the row. */
  readonly what: string;
}

/** From a row to the dispute of it, at every bureau that reported it. */
export function WrongLink({ sources, what }: Props) {
  const { language, t } = useWords();
  const nameOf = useMemberNames();
  const { digest, origins } = useContext(ShownReport);
  const named = new URLSearchParams({ report: digest });
  for (const { bureau, record_id: record } of sources) {
    named.append('bureau', bureau);
    named.append('record', origins[bureau]?.[record] ?? record);
  }
  const bureaus = list([...new Set(sources.map(({ bureau }) => nameOf(bureau)))], language);
  return (
    <Anchor
      component={Link}
      href={`/disputes/new?${named.toString()}`}
      className="report-wrong"
      size="sm"
      underline="always"
      aria-label={t('reportWrongAt', { bureaus, what })}
    >
      {t('reportWrong')}
    </Anchor>
  );
}
