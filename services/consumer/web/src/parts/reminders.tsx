import { Switch, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../api.ts';
import { useWords } from '../language.tsx';
import { Loaded } from './loaded.tsx';

/** The stop of reminders alone: it ends no consent. */
export function Reminders() {
  const { t } = useWords();
  const client = useQueryClient();
  const query = useQuery({ queryKey: ['reminders'], queryFn: api.reminders });
  const change = useMutation({
    mutationFn: async (on: boolean) => await api.setReminders(on),
    onSuccess: async () => await client.invalidateQueries({ queryKey: ['reminders'] }),
  });
  return (
    <>
      <Title order={3} size="h4" my="xs">
        {t('late_remindersTitle')}
      </Title>
      <Loaded query={query}>
        {({ on }) => (
          <Switch
            label={t('late_reminders')}
            checked={on}
            disabled={change.isPending}
            onChange={({ currentTarget }) => change.mutate(currentTarget.checked)}
          />
        )}
      </Loaded>
      <Text size="sm" my="xs">
        {t('late_remindersMore')}
      </Text>
      {change.isError ? <Text role="alert">{t('failed', { detail: change.error.message })}</Text> : null}
    </>
  );
}
