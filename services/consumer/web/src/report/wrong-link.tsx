import { Anchor } from '@mantine/core';
import { createContext, useContext } from 'react';
import { Link } from 'wouter';
import { useWords } from '../language.tsx';
import { useMemberNames } from '../parts/names.ts';
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

/** From a row to the dispute of it, one link per bureau that reported it. */
export function WrongLinks({ sources, what }: Props) {
  const { t } = useWords();
  const nameOf = useMemberNames();
  const { digest, origins } = useContext(ShownReport);
  return sources.map(({ bureau, record_id: record }) => {
    const members = { bureau, record: origins[bureau]?.[record] ?? record, report: digest };
    return (
      <Anchor
        key={`${bureau} ${record}`}
        component={Link}
        href={`/disputes/new?${new URLSearchParams(members).toString()}`}
        className="report-wrong"
        size="sm"
        underline="always"
        aria-label={t('reportWrongAt', { bureau: nameOf(bureau), what })}
      >
        {t('reportWrong')}
        {sources.length > 1 ? ` (${nameOf(bureau)})` : ''}
      </Anchor>
    );
  });
}
