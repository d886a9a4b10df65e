import { Button, Text, Title } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Access } from '@causeway/sdk/page';
import { api, type Page } from '../api.ts';
import { ShownLate } from '../parts/shown-late.tsx';
import { useWords } from '../language.tsx';
import type { CheckedHistory } from '../check/check-history.ts';
import { AccessLine } from '../parts/access-line.tsx';
import { CheckPanel } from '../parts/check-panel.tsx';

/** Who looked, newest first, refusals too (ux C2). */
export function History() {
  const { t } = useWords();
  const [checked, setChecked] = useState<CheckedHistory>();
  const query = useInfiniteQuery({
    queryKey: ['accesses'],
    queryFn: async ({ pageParam }) => await api.accesses(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next,
    // A line is there the moment it is written, and its proof a moment later; without a stream, by asking.
    refetchInterval: ({ state }) => (state.data?.pages.some(isYoung) ? 2000 : 60_000),
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
      {lines.length > 0 ? <CheckPanel onChecked={setChecked} /> : null}
      <ShownLate rules={query.data?.pages[0]?.shown_late ?? []} />
      <div role="feed" aria-busy={query.isFetchingNextPage}>
        {lines.map((line) => (
          <AccessLine
            key={line.id}
            line={line}
            checked={checked?.lines.find((one) => one.line.id === line.id)?.state}
          />
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

/** True where the proof of a line is still being made. */
function isYoung({ items }: Page<Access>): boolean {
  return items.some(({ proof, proof_absent: absent }) => proof === null && absent !== 'other_ledger');
}
