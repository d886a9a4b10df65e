import { Alert, Button, Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';

interface Props<T> {
  readonly query: UseQueryResult<T>;
  readonly words: {
    readonly loading: string;
    readonly retry: string;
    readonly failed: (detail: string) => string;
  };
  readonly children: (data: T) => ReactNode;
}

/** What was asked for, or that it is on its way, or that it failed and how to ask again. */
export function Loaded<T>({ children, query, words }: Props<T>): ReactNode {
  if (query.isPending) return <Text>{words.loading}</Text>;
  if (query.isSuccess) return children(query.data);
  return (
    <Alert color="red" role="alert" title={words.failed(query.error?.message ?? '')}>
      <Button variant="default" onClick={() => void query.refetch()}>
        {words.retry}
      </Button>
    </Alert>
  );
}
