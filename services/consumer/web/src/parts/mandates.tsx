import { Button, Card, Group, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { actFor } from '../acting.ts';
import { type Mandate, mandatesApi } from '../api-mandates.ts';
import { type Language, useWords } from '../language.tsx';
import { Entrust } from './entrust.tsx';
import { Loaded } from './loaded.tsx';
import { list, purposeName } from './names.ts';

/** Who may act for the person, and for whom they may; each ended with one click. */
export function Mandates() {
  const { t } = useWords();
  const query = useQuery({ queryKey: ['mandates'], queryFn: mandatesApi.list });
  return (
    <>
      <Title order={3} size="h4" my="xs">
        {t('mandate_title')}
      </Title>
      <Text size="sm" mb="xs">
        {t('mandate_never')}
      </Text>
      <Loaded query={query}>
        {({ by_me, for_me }) => (
          <>
            {for_me.length === 0 ? <Text>{t('mandate_none')}</Text> : null}
            {for_me.map((mandate) => (
              <MandateCard
                key={mandate.id}
                mandate={mandate}
                title={t(`mandate_kind_${mandate.kind}`, { name: mandate.name })}
                end={t('mandate_end')}
              />
            ))}
            <Entrust />
            <Title order={3} size="h4" my="xs">
              {t('mandate_others')}
            </Title>
            {by_me.map((mandate) => (
              <MandateCard
                key={mandate.id}
                mandate={mandate}
                title={mandate.name}
                end={t('mandate_renounce', { name: mandate.name })}
                canAct
              />
            ))}
            <ShowCode />
          </>
        )}
      </Loaded>
    </>
  );
}

interface CardProps {
  readonly mandate: Mandate;
  readonly title: string;
  readonly end: string;
  readonly canAct?: boolean;
}

function MandateCard({ canAct = false, end, mandate, title }: CardProps) {
  const { language, t, time } = useWords();
  const client = useQueryClient();
  const ending = useMutation({
    mutationFn: async () => await mandatesApi.end(mandate.id),
    onSuccess: async () => await client.invalidateQueries({ queryKey: ['mandates'] }),
  });
  const { ended_at: endedAt, name, powers, purposes, status, until } = mandate;
  const names = powers.map((power) => t(`mandate_power_${power}`));
  return (
    <Card component="article" withBorder mb="sm" padding="sm">
      <Text fw={600}>{title}</Text>
      <Text size="sm">{t('mandate_may', { powers: list(names, language) })}</Text>
      {purposes === undefined ? null : (
        <Text size="sm">
          {t('mandate_onlyFor', { purposes: list(purposes.map(toName(language)), language) })}
        </Text>
      )}
      {status === 'standing' ? <Text size="sm">{t('mandate_until', { date: time(until) })}</Text> : null}
      {status === 'over' ? <Text size="sm">{t('mandate_over', { date: time(until) })}</Text> : null}
      {status === 'ended' ? (
        <Text size="sm">{t('mandate_ended', { date: time(endedAt ?? until) })}</Text>
      ) : null}
      {ending.isError ? <Text role="alert">{t('failed', { detail: ending.error.message })}</Text> : null}
      {status === 'standing' ? (
        <Group mt="xs">
          {canAct ? <Button onClick={() => actFor(mandate)}>{t('mandate_act', { name })}</Button> : null}
          <Button variant="default" loading={ending.isPending} onClick={() => ending.mutate()}>
            {end}
          </Button>
        </Group>
      ) : null}
    </Card>
  );
}

const toName =
  (language: Language) =>
  (code: string): string =>
    purposeName(code, language);

/** A code of one's own, for somebody who is at hand. */
function ShowCode() {
  const { t, time } = useWords();
  const [name, setName] = useState('');
  const show = useMutation({ mutationFn: async () => await mandatesApi.showCode(name.trim()) });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        show.mutate();
      }}
    >
      <Text size="sm">{t('mandate_showHint')}</Text>
      <TextInput
        label={t('mandate_callThem')}
        required
        maxLength={40}
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
      />
      {show.isError ? <Text role="alert">{t('failed', { detail: show.error.message })}</Text> : null}
      {show.data === undefined ? null : (
        <Card withBorder mt="xs" padding="sm" role="status">
          <Text fw={600}>{t('mandate_yourCode', { code: grouped(show.data.code) })}</Text>
          <Text size="sm">{t('mandate_codeUntil', { date: time(show.data.expires_at) })}</Text>
        </Card>
      )}
      <Button mt="sm" type="submit" variant="default" loading={show.isPending}>
        {t('mandate_showCode')}
      </Button>
    </form>
  );
}

/** In groups of four, as people read them out. */
const grouped = (code: string): string => (code.match(/.{1,4}/gu) ?? []).join('-');
