import { Button, Card, Group, NativeSelect, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Freeze, stepUp } from '../api.ts';
import { useWords } from '../language.tsx';
import { useMemberNames } from './names.ts';

const hours = [1, 4, 24, 72];

/** A standing freeze opened for one lender and a time; it closes by itself. */
export function FreezeWindows({ freeze }: { readonly freeze: Freeze }) {
  const { t } = useWords();
  const open = freeze.windows?.filter(({ status }) => status === 'open') ?? [];
  return (
    <Card withBorder mb="md">
      <Title order={3} size="h4">
        {t('windowTitle')}
      </Title>
      <Text size="sm" my="xs">
        {t('windowMore')}
      </Text>
      {open.map((window) => (
        <OpenWindow key={window.id} {...window} />
      ))}
      <OpenFor freeze={freeze.id} />
    </Card>
  );
}

function OpenWindow({ id, lender, until }: { id: string; lender: string; until: string }) {
  const { t, time } = useWords();
  const nameOf = useMemberNames();
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: async () => await api.endWindow(id),
    onSuccess: async () => await client.invalidateQueries({ queryKey: ['freezes'] }),
  });
  return (
    <Group justify="space-between" gap="xs" mb="xs">
      <Text fw={600}>{t('windowOpen', { lender: nameOf(lender), date: time(until) })}</Text>
      <Button variant="default" size="xs" loading={end.isPending} onClick={() => end.mutate()}>
        {t('windowEnd')}
      </Button>
    </Group>
  );
}

function OpenFor({ freeze }: { readonly freeze: string }) {
  const { language, t } = useWords();
  const members = useQuery({ queryKey: ['members'], queryFn: api.members, staleTime: Infinity });
  const lenders = (members.data?.items ?? []).filter(
    ({ roles, status }) => roles?.includes('lender') === true && status === 'active',
  );
  const [chosen, choose] = useState<string>();
  const [length, setLength] = useState(hours[0] ?? 1);
  const lender = chosen ?? lenders[0]?.id;
  const open = useMutation({
    mutationFn: async (to: string) => await stepUp({ act: 'open', freeze, lender: to, minutes: length * 60 }),
  });
  if (lender === undefined) return null;
  return (
    <>
      <NativeSelect
        label={t('windowLender')}
        value={lender}
        onChange={({ currentTarget }) => choose(currentTarget.value)}
        data={lenders.map((one) => ({
          value: one.id,
          label: (language === 'zh-CN' ? one.legal_name_zh : undefined) ?? one.legal_name,
        }))}
      />
      <NativeSelect
        label={t('windowLength')}
        value={String(length)}
        onChange={({ currentTarget }) => setLength(Number(currentTarget.value))}
        data={hours.map((count) => ({ value: String(count), label: t('windowHours', { count }) }))}
      />
      {open.isError ? <Text role="alert">{t('failed', { detail: open.error.message })}</Text> : null}
      <Button variant="default" mt="sm" loading={open.isPending} onClick={() => open.mutate(lender)}>
        {t('windowOpenNow')}
      </Button>
    </>
  );
}
