import { Button, Card, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, type Passkey, stepUp } from '../api.ts';
import { useWords } from '../language.tsx';
import { hasPasskeys, makeCredential, signWithPasskey } from '../web-authn.ts';
import { Loaded } from './loaded.tsx';

/** The person's passkeys: add one, confirm it with the one before, remove it. */
export function Passkeys() {
  const { t } = useWords();
  const query = useQuery({ queryKey: ['passkeys'], queryFn: api.passkeys });
  return (
    <>
      <Title order={3} size="h4" my="xs">
        {t('passkeys')}
      </Title>
      <Text size="sm">{t('passkeyWhy')}</Text>
      <Loaded query={query}>
        {({ available, items }) => (
          <>
            {items.length === 0 ? <Text mt="xs">{t('passkeyNone')}</Text> : null}
            {items.map((passkey) => (
              <PasskeyCard key={passkey.id} passkey={passkey} />
            ))}
            {available && hasPasskeys() ? <AddPasskey /> : <Text mt="xs">{t('passkeyNotHere')}</Text>}
          </>
        )}
      </Loaded>
    </>
  );
}

/** The browser makes it; the sign-in that follows makes it the person's. */
function AddPasskey() {
  const { t } = useWords();
  const add = useMutation({
    mutationFn: async () => {
      const { id, options } = await api.beginPasskey();
      const { content } = await api.keepCredential(id, await makeCredential(options));
      await stepUp({ act: 'enrol', registration: id, content });
    },
  });
  return (
    <>
      {add.error ? <Text role="alert">{t('passkeyFailed', { detail: add.error.message })}</Text> : null}
      <Text size="sm" my="xs">
        {t('passkeyAddHint')}
      </Text>
      <Button loading={add.isPending} onClick={() => add.mutate()}>
        {t('passkeyAdd')}
      </Button>
    </>
  );
}

function PasskeyCard({ passkey }: { readonly passkey: Passkey }) {
  const { t, time } = useWords();
  const { counts_from: from, enrolled_at: at, id, state } = passkey;
  const gone = state === 'removed' || state === 'replaced';
  return (
    <Card component="article" withBorder my="xs">
      <Text fw={600}>{t(`passkey_${state}`)}</Text>
      <Text size="sm">{t('passkeyAddedAt', { date: time(at) })}</Text>
      {state === 'waiting' ? <Text size="sm">{t('passkeyWaits', { date: time(from) })}</Text> : null}
      {passkey.can_be_handed_over === true && hasPasskeys() ? <HandOver id={id} /> : null}
      {gone ? null : (
        <Button mt="xs" variant="default" onClick={() => void stepUp({ act: 'remove_passkey', passkey: id })}>
          {t('passkeyRemove')}
        </Button>
      )}
    </Card>
  );
}

function HandOver({ id }: { readonly id: string }) {
  const { t } = useWords();
  const client = useQueryClient();
  const confirm = useMutation({
    mutationFn: async () => {
      const { options } = await api.handover(id);
      await api.handOver(id, await signWithPasskey(options));
    },
    onSuccess: async () => await client.invalidateQueries({ queryKey: ['passkeys'] }),
  });
  return (
    <>
      {confirm.error ? (
        <Text role="alert">{t('passkeyFailed', { detail: confirm.error.message })}</Text>
      ) : null}
      <Button mt="xs" loading={confirm.isPending} onClick={() => confirm.mutate()}>
        {t('passkeyHandOver')}
      </Button>
    </>
  );
}
