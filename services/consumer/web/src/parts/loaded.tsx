import { Alert, Button, Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useWords } from '../language.tsx';

interface Props<T> {
  readonly query: UseQueryResult<T>;
  readonly children: (data: T) => ReactNode;
}

/** What was asked for, or that it is on its way, or that it failed and how to ask again. */
export function Loaded<T>({ children, query }: Props<T>): ReactNode {
  const { t } = useWords();
  if (query.isPending) return <Text>{t('loading')}</Text>;
  if (query.isSuccess) return children(query.data);
  return (
    <Alert color="red" role="alert" title={t('failed', { detail: query.error?.message ?? '' })}>
      <Button variant="default" onClick={() => void query.refetch()}>
        {t('retry')}
      </Button>
    </Alert>
  );
}
