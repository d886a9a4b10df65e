import { Button, Card, Group, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, type ConsentRequest, stepUp } from '../api.ts';
import { useWords } from '../language.tsx';
import { useMemberNames } from './names.ts';
import { WhoAsks } from './who-asks.tsx';

/** The whole form, and two answers of the same weight. */
export function RequestCard({ request }: { readonly request: ConsentRequest }) {
  const { t, time } = useWords();
  const nameOf = useMemberNames();
  const client = useQueryClient();
  const reject = useMutation({
    mutationFn: async () => await api.reject(request.id),
    onSuccess: async () => await client.invalidateQueries({ queryKey: ['requests'] }),
  });
  const { form, form_digest: digest, id } = request;
  const approve = useMutation({
    mutationFn: async () => await stepUp({ act: 'approve', request: id, form_digest: digest }),
  });
  const failure = reject.error ?? approve.error;
  return (
    <Card component="article" withBorder mb="sm">
      <Text fw={600}>{t('readForm', { lender: nameOf(request.lender) })}</Text>
      <WhoAsks request={request} />
      <Card withBorder my="xs" padding="sm">
        <p className="form-text" lang={form.language}>
          {form.text}
        </p>
      </Card>
      <Text size="sm">{t('expires', { date: time(request.expires_at) })}</Text>
      <Text size="sm">{t('approveHint')}</Text>
      {failure ? <Text role="alert">{t('failed', { detail: failure.message })}</Text> : null}
      <Group mt="xs">
        <Button loading={approve.isPending} onClick={() => approve.mutate()}>
          {t('approve')}
        </Button>
        <Button variant="default" loading={reject.isPending} onClick={() => reject.mutate()}>
          {t('reject')}
        </Button>
      </Group>
    </Card>
  );
}
