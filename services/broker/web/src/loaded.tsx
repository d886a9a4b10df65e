import { Loaded as LoadedWith } from '@causeway/ui/loaded.tsx';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useWords } from './language.tsx';

interface Props<T> {
  readonly query: UseQueryResult<T>;
  readonly children: (data: T) => ReactNode;
}

/** What was asked for, or that it is on its way, or that it failed and how to ask again. */
export function Loaded<T>({ children, query }: Props<T>): ReactNode {
  const { t } = useWords();
  const failed = (detail: string): string => t('failed', { detail });
  return (
    <LoadedWith query={query} words={{ loading: t('loading'), retry: t('retry'), failed }}>
      {children}
    </LoadedWith>
  );
}
