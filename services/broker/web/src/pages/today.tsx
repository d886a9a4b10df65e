import { ScrollTable } from '@causeway/ui/scroll-table.tsx';
import { purposes } from '@causeway/records/purposes';
import { Button, Card, Text, Title } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { api, type Today } from '../api.ts';
import { useWords } from '../language.tsx';

/** Inquiries of today: id, purpose, state, and whether there is a report (ux W1, in part). */
export function TodayPage() {
  const { t } = useWords();
  const query = useInfiniteQuery({
    queryKey: ['today'],
    queryFn: async ({ pageParam }) => await api.today(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next,
  });
  if (query.isPending) return <Text>{t('loading')}</Text>;
  if (query.isError) return <Text role="alert">{t('failed', { detail: query.error.message })}</Text>;
  const { pages } = query.data;
  return (
    <>
      <Title order={2} my="sm">
        {t('today')}
      </Title>
      <Text size="sm" mb="sm">
        {t('noReports')}
      </Text>
      {pages[0] ? <States today={pages[0]} /> : null}
      <Inquiries items={pages.flatMap(({ items }) => items)} />
      {query.hasNextPage ? (
        <Button variant="default" mt="sm" onClick={() => void query.fetchNextPage()}>
          {t('older')}
        </Button>
      ) : null}
    </>
  );
}

function States({ today: { since, states } }: { readonly today: Today }) {
  const { t, time } = useWords();
  return (
    <Card withBorder mb="md">
      <Text size="sm">{t('since', { date: time(since) })}</Text>
      {states.map(({ count, state }) => (
        <Text key={state} role="status">
          {t(`state_${state}`)}: {count}
        </Text>
      ))}
    </Card>
  );
}

function Inquiries({ items }: { readonly items: Today['items'] }) {
  const { language, t, time } = useWords();
  const known: Readonly<Record<string, { en: string; zh: string }>> = purposes;
  const purposeName = (code: string | undefined): string => {
    if (code === undefined) return t('erased');
    const label = Object.hasOwn(known, code) ? known[code] : undefined;
    return label?.[language === 'en' ? 'en' : 'zh'] ?? code;
  };
  return (
    <ScrollTable
      label={t('today')}
      head={[t('when'), t('inquiry'), t('purpose'), t('state'), t('report')]}
      rows={items.map(({ at, code, id, purpose, report, state }) => [
        time(at),
        <code key="id">{id}</code>,
        purposeName(purpose),
        code === undefined ? t(`state_${state}`) : `${t(`state_${state}`)} (${code})`,
        t(report ? 'yes' : 'no'),
      ])}
      none={t('noInquiries')}
    />
  );
}
