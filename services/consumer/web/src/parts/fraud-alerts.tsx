import { Button, Card, NativeSelect, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, stepUp } from '../api.ts';
import { useWords } from '../language.tsx';
import { Loaded } from './loaded.tsx';

const lengths = [7, 30, 90, 365];

/** The person's own words for lenders: somebody may be acting in their name. */
export function FraudAlerts() {
  const { t, time } = useWords();
  const query = useQuery({ queryKey: ['fraud-alerts'], queryFn: api.fraudAlerts });
  return (
    <Card withBorder mb="md">
      <Title order={3} size="h4">
        {t('alertTitle')}
      </Title>
      <Text size="sm" my="xs">
        {t('alertMore')}
      </Text>
      <Loaded query={query}>
        {({ items }) => {
          const standing = items.filter(({ status }) => status === 'standing');
          return (
            <>
              {standing.map(({ id, text, until }) => (
                <div key={id}>
                  <Text fw={600}>{text}</Text>
                  <Text size="sm">{t('alertUntil', { date: time(until) })}</Text>
                  <Button
                    variant="default"
                    size="xs"
                    mb="sm"
                    onClick={() => void stepUp({ act: 'end_alert', alert: id })}
                  >
                    {t('alertEnd')}
                  </Button>
                </div>
              ))}
              {standing.length < 2 ? <Place /> : null}
            </>
          );
        }}
      </Loaded>
    </Card>
  );
}

function Place() {
  const { t } = useWords();
  const client = useQueryClient();
  const [text, setText] = useState('');
  const [days, setDays] = useState(lengths[1] ?? 30);
  const place = useMutation({
    mutationFn: async () => await api.placeAlert(text.trim(), days),
    onSuccess: async () => {
      setText('');
      await client.invalidateQueries({ queryKey: ['fraud-alerts'] });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        place.mutate();
      }}
    >
      <TextInput
        label={t('alertText')}
        required
        maxLength={200}
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
      <NativeSelect
        label={t('alertLength')}
        value={String(days)}
        onChange={({ currentTarget }) => setDays(Number(currentTarget.value))}
        data={lengths.map((count) => ({ value: String(count), label: t('alertDays', { count }) }))}
      />
      {place.isError ? <Text role="alert">{t('failed', { detail: place.error.message })}</Text> : null}
      <Button type="submit" variant="default" mt="sm" loading={place.isPending}>
        {t('alertPlace')}
      </Button>
    </form>
  );
}
