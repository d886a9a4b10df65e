import { purposes } from '@causeway/records/purposes';
import { StaffReads } from '@causeway/ui/staff-reads.tsx';
import { Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, type Reads } from '../api.ts';
import { type Language, useWords } from '../language.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { ScrollTable } from '../parts/scroll-table.tsx';

/** Who read this bureau's data, for what and how much; and what its own people opened (ux B6). */
export function ReadsPage() {
  const words = useWords();
  const query = useQuery({ queryKey: ['reads'], queryFn: api.reads });
  return (
    <>
      <Loaded query={query}>{(reads) => <ByMember reads={reads} />}</Loaded>
      <StaffReads words={words} />
    </>
  );
}

function ByMember({ reads: { items, since } }: { readonly reads: Reads }) {
  const { language, t, time } = useWords();
  return (
    <>
      <Title order={2} my="sm">
        {t('dataReadsTitle', { date: time(since) })}
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
        none={t('noDataReads')}
      />
    </>
  );
}

function purposeName(code: string, language: Language): string {
  const known: Readonly<Record<string, { en: string; zh: string }>> = purposes;
  const label = Object.hasOwn(known, code) ? known[code] : undefined;
  return label?.[language === 'en' ? 'en' : 'zh'] ?? code;
}
