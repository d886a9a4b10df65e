import { Button, Text, Title } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { ScrollTable } from './scroll-table.tsx';
import { staffApi } from './staff-api.ts';
import type { StaffWord } from './staff-words.ts';
import type { Words } from './words.tsx';

/** What the member's own people looked at, newest first, for who watches over them. */
export function StaffReads({ words }: { readonly words: Words<StaffWord> }) {
  const { t, time } = words;
  const query = useInfiniteQuery({
    queryKey: ['staff-reads'],
    queryFn: async ({ pageParam }) => await staffApi.reads(pageParam),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ next }) => next,
  });
  if (query.isPending) return <Text>{t('loading')}</Text>;
  if (query.isError) return <Text role="alert">{t('failed', { detail: query.error.message })}</Text>;
  const reads = query.data.pages.flatMap(({ items }) => items);
  return (
    <>
      <Title order={2} my="sm">
        {t('readsTitle')}
      </Title>
      <ScrollTable
        label={t('readsTitle')}
        head={[t('readWhen'), t('readWho'), t('readWhat'), t('readAbout')]}
        rows={reads.map(({ about = '', at, name, person, what }) => [
          time(at),
          name === person ? person : `${name} (${person})`,
          <code key="what">{what}</code>,
          <code key="about">{about}</code>,
        ])}
        none={t('noReads')}
      />
      {query.hasNextPage ? (
        <Button variant="default" mt="sm" onClick={() => void query.fetchNextPage()}>
          {t('older')}
        </Button>
      ) : null}
    </>
  );
}
