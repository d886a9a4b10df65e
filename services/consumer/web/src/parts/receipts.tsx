import { Button, Group, Text, Title } from '@mantine/core';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { api, type Receipt } from '../api.ts';
import { useWords } from '../language.tsx';
import { DoneBy } from './done-by.tsx';
import { useMemberNames } from './names.ts';

/** What became of every consent and freeze, each to be kept as a file with its proof. */
export function Receipts() {
  const { t } = useWords();
  const query = useInfiniteQuery({
    queryKey: ['receipts'],
    queryFn: async ({ pageParam }) => await api.receipts(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next,
  });
  const lines = query.data?.pages.flatMap(({ items }) => items) ?? [];
  if (lines.length === 0) return null;
  return (
    <>
      <Title order={3} size="h4" my="xs">
        {t('receiptsTitle')}
      </Title>
      <ul className="plain-list">
        {lines.map((receipt) => (
          <Line key={receipt.id} receipt={receipt} />
        ))}
      </ul>
      {query.hasNextPage ? (
        <Button variant="default" mt="xs" onClick={() => void query.fetchNextPage()}>
          {t('receiptsOlder')}
        </Button>
      ) : null}
    </>
  );
}

function Line({ receipt: { at, by, change, id, kind, lender } }: { readonly receipt: Receipt }) {
  const { t, time } = useWords();
  const nameOf = useMemberNames();
  const save = useMutation({ mutationFn: async () => download(id, await api.receipt(id)) });
  const named = kind === 'provide' && change === 'given' ? 'given_provide' : change;
  const what = t(`receipt_${named}`, { lender: lender === undefined ? '' : nameOf(lender) });
  return (
    <li>
      <Group justify="space-between" gap="xs" mb={4}>
        <Text size="sm">
          {time(at)} {what}
        </Text>
        <Button
          variant="default"
          size="xs"
          loading={save.isPending}
          aria-label={t('receiptSaveThis', { what })}
          onClick={() => save.mutate()}
        >
          {t('receiptSave')}
        </Button>
      </Group>
      <DoneBy by={by} />
      {save.isError ? <Text role="alert">{t('failed', { detail: save.error.message })}</Text> : null}
    </li>
  );
}

/** Hands the browser a file; nothing is sent for it. */
function download(id: string, receipt: object): void {
  const link = document.createElement('a');
  link.href = `data:application/json;charset=utf-8,${encodeURIComponent(JSON.stringify(receipt, null, 2))}`;
  link.download = `${id}.json`;
  link.click();
}
