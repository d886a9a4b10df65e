import { Badge, Button, Card, Group, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { covers, may } from '../acting.ts';
import { api, type Consent } from '../api.ts';
import { useWords } from '../language.tsx';
import { DoneBy } from './done-by.tsx';
import { categoryNames, list, purposeName, useMemberNames } from './names.ts';

/** A consent as it stands, and how to end it: withdrawing takes no more steps than giving. */
export function ConsentCard({ consent }: { readonly consent: Consent }) {
  const { language, t, time } = useWords();
  const nameOf = useMemberNames();
  const provides = consent.kind === 'provide';
  const { bureaus, categories, max_uses: max, purposes, state, uses, valid_until: until } = consent;
  return (
    <Card component="article" withBorder mb="sm" padding="sm">
      <Group justify="space-between" gap="xs">
        <Text fw={600}>{nameOf(consent.lender)}</Text>
        <Badge variant="outline">{t(`state_${state}`)}</Badge>
      </Group>
      <Text size="sm">
        {provides
          ? t('provide_line')
          : list(
              purposes.map((code) => purposeName(code, language)),
              language,
            )}
      </Text>
      <Text size="sm">{t('what', { categories: categoryNames(categories, language) })}</Text>
      <Text size="sm">
        {t(provides ? 'provide_to' : 'from', { bureaus: list(bureaus.map(nameOf), language) })}
      </Text>
      <Text size="sm">{t('activeUntil', { date: time(until) })}</Text>
      {provides ? null : <Text size="sm">{t('used', { uses, max })}</Text>}
      <DoneBy by={consent.by} />
      {state === 'waiting' ? (
        <Text size="sm">{t('assisted_line', { date: time(consent.valid_from) })}</Text>
      ) : null}
      {consent.strength === 'passkey' ? <Text size="sm">{t('passkeySigned')}</Text> : null}
      <Acts consent={consent} />
    </Card>
  );
}

function Acts({ consent: { id, purposes, state } }: { readonly consent: Consent }) {
  const { t } = useWords();
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: async (what: 'revocation' | 'pause' | 'resumption') => await api.stopConsent(id, what),
    onSuccess: async () => await client.invalidateQueries({ queryKey: ['consents'] }),
  });
  const mine = may('consent') && covers(purposes);
  if (!mine || !['active', 'paused', 'waiting'].includes(state)) return null;
  if (asking) {
    return (
      <div role="group" aria-label={t('revokeAsk')}>
        <Text mt="xs" fw={600}>
          {t('revokeAsk')}
        </Text>
        <Text size="sm">{t('revokeMore')}</Text>
        <Group mt="xs">
          <Button color="red.9" loading={act.isPending} onClick={() => act.mutate('revocation')}>
            {t('confirmRevoke')}
          </Button>
          <Button variant="default" onClick={() => setAsking(false)}>
            {t('cancel')}
          </Button>
        </Group>
      </div>
    );
  }
  const toggle = state === 'paused' ? 'resumption' : 'pause';
  return (
    <>
      {act.error ? <Text role="alert">{t('failed', { detail: act.error.message })}</Text> : null}
      <Group mt="xs">
        <Button variant="default" loading={act.isPending} onClick={() => act.mutate(toggle)}>
          {t(state === 'paused' ? 'resume' : 'pause')}
        </Button>
        <Button variant="default" onClick={() => setAsking(true)}>
          {t('revoke')}
        </Button>
      </Group>
    </>
  );
}
