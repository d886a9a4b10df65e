import { ScrollTable } from '@causeway/ui/scroll-table.tsx';
import { Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, type Errors } from '../api.ts';
import { useWords } from '../language.tsx';
import { Loaded } from '../loaded.tsx';

/** What went wrong in seven days, by code. */
export function ErrorsPage() {
  const query = useQuery({ queryKey: ['errors'], queryFn: api.errors });
  return <Loaded query={query}>{(errors) => <Shown errors={errors} />}</Loaded>;
}

function Shown({ errors: { bureaus, inquiries, since } }: { readonly errors: Errors }) {
  const { t, time } = useWords();
  const code = (text: string) => <code key="code">{text}</code>;
  return (
    <>
      <Title order={2} my="sm">
        {t('errorsTitle', { date: time(since) })}
      </Title>
      <ScrollTable
        label={t('errors')}
        head={[t('code'), t('count'), t('last')]}
        rows={inquiries.map((row) => [code(row.code), row.count, time(row.last_at)])}
        none={t('noErrors')}
      />
      <Title order={3} size="h4" mt="md">
        {t('atBureaus')}
      </Title>
      <ScrollTable
        label={t('atBureaus')}
        head={[t('bureau'), t('code'), t('count'), t('last')]}
        rows={bureaus.map((row) => [row.bureau, code(row.code), row.count, time(row.last_at)])}
        none={t('noErrors')}
      />
    </>
  );
}
