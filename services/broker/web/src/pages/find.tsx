import { Refused } from '@causeway/ui/requests.ts';
import { ScrollTable } from '@causeway/ui/scroll-table.tsx';
import { Button, Text, TextInput, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type SyntheticEvent, useState } from 'react';
import { api, type Found } from '../api.ts';
import { useWords } from '../language.tsx';

/** One inquiry by its id, and where it stands at each bureau. */
export function FindPage() {
  const { t } = useWords();
  const [id, setId] = useState('');
  const finding = useMutation({ mutationFn: async (wanted: string) => await api.find(wanted) });
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (id.trim() !== '') finding.mutate(id.trim());
  };
  const { error } = finding;
  const isNone = error instanceof Refused && error.code === 'not_found';
  return (
    <>
      <Title order={2} my="sm">
        {t('find')}
      </Title>
      <form onSubmit={submit}>
        <TextInput
          label={t('inquiry')}
          value={id}
          maxLength={64}
          autoComplete="off"
          onChange={({ currentTarget }) => setId(currentTarget.value)}
        />
        <Button type="submit" my="sm" loading={finding.isPending}>
          {t('search')}
        </Button>
      </form>
      {error === null ? null : (
        <Text role="alert">{isNone ? t('notFound') : t('failed', { detail: error.message })}</Text>
      )}
      {finding.data ? <One found={finding.data} /> : null}
    </>
  );
}

function One({ found: { bureaus, code, id, report, state } }: { readonly found: Found }) {
  const { t } = useWords();
  return (
    <>
      <Title order={3} size="h5" mt="sm">
        <code>{id}</code>
      </Title>
      <Text role="status">
        {t(`state_${state}`)}
        {code === undefined ? '' : ` (${code})`}. {t(report ? 'hasReport' : 'hasNone')}
      </Text>
      <ScrollTable
        label={t('atBureaus')}
        head={[t('bureau'), t('state'), t('attempts')]}
        rows={bureaus.map((row) => [row.bureau, t(`at_${row.state}`), row.attempts])}
        none={t('noBureaus')}
      />
    </>
  );
}
