import { Alert, Button, Card, Group, NativeSelect, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Channel } from '../api.ts';
import { useWords } from '../language.tsx';
import { Loaded } from './loaded.tsx';

/**
 * Where the person is told of refusals, first readers and hard inquiries; each address is confirmed first.
 */
export function Channels() {
  const { t } = useWords();
  const query = useQuery({ queryKey: ['channels'], queryFn: api.channels });
  return (
    <>
      <Title order={3} size="h4" my="xs">
        {t('channelsTitle')}
      </Title>
      <Text size="sm" mb="xs">
        {t('channelsMore')}
      </Text>
      <Loaded query={query}>
        {({ items, kinds }) => (
          <>
            {items.map((channel) => (
              <ChannelCard key={channel.id} channel={channel} />
            ))}
            <AddChannel kinds={kinds} />
          </>
        )}
      </Loaded>
    </>
  );
}

function useAct<T>(act: (value: T) => Promise<unknown>) {
  const client = useQueryClient();
  const again = async (): Promise<void> => await client.invalidateQueries({ queryKey: ['channels'] });
  // A wrong code may have cost the channel: read anew whatever came.
  return useMutation({ mutationFn: act, onSettled: again });
}

function ChannelCard({
  channel: { id, kind, public_key: key, status, target },
}: {
  readonly channel: Channel;
}) {
  const { t } = useWords();
  const [code, setCode] = useState('');
  const confirm = useAct(async (typed: string) => await api.confirmChannel(id, typed));
  const remove = useAct(async () => await api.removeChannel(id));
  return (
    <Card component="article" withBorder mb="sm" padding="sm">
      <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
        {t(`channel_${kind}`)} {target}
      </Text>
      {key === undefined ? null : (
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {t('channelKey', { key })}
        </Text>
      )}
      {status === 'confirmed' ? (
        <Text size="sm">{t('channelConfirmed')}</Text>
      ) : (
        <TextInput
          label={t('channelCode')}
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={8}
          value={code}
          onChange={({ currentTarget }) => setCode(currentTarget.value)}
        />
      )}
      {confirm.isError ? <Alert role="alert" color="red" title={t('channelWrongCode')} /> : null}
      <Group mt="xs">
        {status === 'confirmed' ? null : (
          <Button disabled={!/^[0-9]{8}$/u.test(code)} onClick={() => confirm.mutate(code)}>
            {t('channelConfirm')}
          </Button>
        )}
        <Button variant="default" loading={remove.isPending} onClick={() => remove.mutate(undefined)}>
          {t('channelRemove')}
        </Button>
      </Group>
    </Card>
  );
}

function AddChannel({ kinds }: { readonly kinds: readonly Channel['kind'][] }) {
  const { t } = useWords();
  const [chosen, choose] = useState(kinds[0] ?? 'webhook');
  const [target, setTarget] = useState('');
  const add = useAct(async () => await api.addChannel(chosen, target.trim()));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate(undefined, { onSuccess: () => setTarget('') });
      }}
    >
      <NativeSelect
        label={t('channelKind')}
        value={chosen}
        onChange={({ currentTarget }) => choose(currentTarget.value as Channel['kind'])}
        data={kinds.map((kind) => ({ value: kind, label: t(`channel_${kind}`) }))}
      />
      <TextInput
        label={t('channelTarget')}
        type={chosen === 'email' ? 'email' : 'url'}
        required
        value={target}
        onChange={({ currentTarget }) => setTarget(currentTarget.value)}
      />
      {add.isError ? <Text role="alert">{t('failed', { detail: add.error.message })}</Text> : null}
      <Button mt="sm" type="submit" variant="default" loading={add.isPending}>
        {t('channelAdd')}
      </Button>
    </form>
  );
}
