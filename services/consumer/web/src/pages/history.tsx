import { Button, Text, Title } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { api } from '../api.ts';
import { useWords } from '../language.tsx';
import { AccessLine } from '../parts/access-line.tsx';

/** Who looked, newest first, refusals too (ux C2). */
export function History() {
  const { t } = useWords();
  const query = useInfiniteQuery({
    queryKey: ['accesses'],
    queryFn: async ({ pageParam }) => await api.accesses(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next,
    refetchInterval: 5000,
  });
  const lines = query.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <>
      <Title order={2} my="sm">
        {t('history')}
      </Title>
      {query.isPending ? <Text>{t('loading')}</Text> : null}
      {query.isError ? <Text role="alert">{t('failed', { detail: query.error.message })}</Text> : null}
      {query.isSuccess && lines.length === 0 ? <Text>{t('nobodyLooked')}</Text> : null}
      <div role="feed" aria-busy={query.isFetchingNextPage}>
        {lines.map((line) => (
          <AccessLine key={line.id} line={line} />
        ))}
      </div>
      {query.hasNextPage ? (
        <Button variant="default" onClick={() => void query.fetchNextPage()}>
          {t('olderLines')}
        </Button>
      ) : null}
    </>
  );
}
