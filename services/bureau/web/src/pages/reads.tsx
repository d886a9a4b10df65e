import { purposes } from '@causeway/records/purposes';
import { Button, Text, Title } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api, type Reads, type StaffRead } from '../api.ts';
import { type Language, useWords } from '../language.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { ScrollTable } from '../parts/scroll-table.tsx';

/** Who read this bureau's data, for what and how much; and what its own people opened (ux B6). */
export function ReadsPage() {
  const query = useQuery({ queryKey: ['reads'], queryFn: api.reads });
  return (
    <>
      <Loaded query={query}>{(reads) => <ByMember reads={reads} />}</Loaded>
      <ByStaff />
    </>
  );
}

function ByMember({ reads: { items, since } }: { readonly reads: Reads }) {
  const { language, t, time } = useWords();
  return (
    <>
      <Title order={2} my="sm">
        {t('readsTitle', { date: time(since) })}
      </Title>
      <ScrollTable
        label={t('reads')}
        head={[t('reader'), t('purpose'), t('inquiries'), t('answered'), t('refused'), t('last')]}
        rows={items.map((item) => [
          (language === 'zh-CN' ? item.legal_name_zh : undefined) ?? item.legal_name,
          item.purpose === undefined ? t('purposeUnknown') : purposeName(item.purpose, language),
          ...[item.inquiries, item.disclosed, item.refused],
          time(item.last_at),
        ])}
        none={t('noReads')}
      />
    </>
  );
}

function purposeName(code: string, language: Language): string {
  const known: Readonly<Record<string, { en: string; zh: string }>> = purposes;
  const label = Object.hasOwn(known, code) ? known[code] : undefined;
  return label?.[language === 'en' ? 'en' : 'zh'] ?? code;
}

function ByStaff() {
  const { t } = useWords();
  const query = useInfiniteQuery({
    queryKey: ['staff-reads'],
    queryFn: async ({ pageParam }) => await api.staffReads(pageParam),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ next }) => next,
  });
  if (query.isPending) return <Text>{t('loading')}</Text>;
  if (query.isError) return <Text role="alert">{t('failed', { detail: query.error.message })}</Text>;
  return (
    <>
      <Title order={2} my="sm">
        {t('staffReadsTitle')}
      </Title>
      <StaffTable reads={query.data.pages.flatMap(({ items }) => items)} />
      {query.hasNextPage ? (
        <Button variant="default" mt="sm" onClick={() => void query.fetchNextPage()}>
          {t('older')}
        </Button>
      ) : null}
    </>
  );
}

function StaffTable({ reads }: { readonly reads: readonly StaffRead[] }) {
  const { t, time } = useWords();
  return (
    <ScrollTable
      label={t('staffReadsTitle')}
      head={[t('when'), t('person'), t('opened'), t('about')]}
      rows={reads.map(({ about = '', at, name, person, what }) => [
        time(at),
        `${name} (${person})`,
        <code key="what">{what}</code>,
        <code key="about">{about}</code>,
      ])}
      none={t('noStaffReads')}
    />
  );
}
