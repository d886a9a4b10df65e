import { Button, Card, Group, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { actingFor, actingMandate } from '../acting.ts';
import { api, type ConsentRequest, stepUp } from '../api.ts';
import { useWords } from '../language.tsx';
import { hasPasskeys, signWithPasskey } from '../web-authn.ts';
import { ChooseParts } from './choose-parts.tsx';
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
  const { byPasskey, bySignIn, hasPasskey } = useApproval(request);
  const approve = hasPasskey ? byPasskey : bySignIn;
  const failure = reject.error ?? approve.error;
  const { form } = request;
  const provides = request.kind === 'provide';
  return (
    <Card component="article" withBorder mb="sm">
      <Text fw={600}>{t(provides ? 'provide_ask' : 'readForm', { lender: nameOf(request.lender) })}</Text>
      {provides ? <Text size="sm">{t('provide_line')}</Text> : null}
      <WhoAsks request={request} />
      <ChooseParts request={request} />
      <Card withBorder my="xs" padding="sm">
        <p className="form-text" lang={form.language}>
          {form.text}
        </p>
      </Card>
      <Text size="sm">{t('expires', { date: time(request.expires_at) })}</Text>
      <Text size="sm">{t(hasPasskey ? 'passkeyApproveHint' : 'approveHint')}</Text>
      {failure ? <Text role="alert">{t('failed', { detail: failure.message })}</Text> : null}
      <Group mt="xs">
        <Button loading={approve.isPending} onClick={() => approve.mutate()}>
          {t('approve')}
        </Button>
        <Button variant="default" loading={reject.isPending} onClick={() => reject.mutate()}>
          {t('reject')}
        </Button>
      </Group>
      {hasPasskey ? (
        <Button mt="xs" variant="default" size="xs" onClick={() => bySignIn.mutate()}>
          {t('passkeyInstead')}
        </Button>
      ) : null}
    </Card>
  );
}

/** With the passkey in force where there is one, in one step on this page; or by signing in once more. */
function useApproval({ form_digest: digest, id }: ConsentRequest) {
  const client = useQueryClient();
  // Nobody signs with a passkey for another: it is the other one's that would count.
  const enabled = actingFor() === undefined;
  const { data } = useQuery({ queryKey: ['passkeys'], queryFn: api.passkeys, enabled });
  const inForce = data?.items.some(({ state }) => state === 'in_force') === true;
  const bySignIn = useMutation({
    mutationFn: async () =>
      await stepUp({ act: 'approve', request: id, form_digest: digest, ...actingMandate() }),
  });
  const byPasskey = useMutation({
    mutationFn: async () => {
      const { document, options } = await api.document(id, digest);
      await api.approve(id, { document, assertion: await signWithPasskey(options) });
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['consents'] });
      await client.invalidateQueries({ queryKey: ['requests'] });
    },
  });
  return { byPasskey, bySignIn, hasPasskey: inForce && hasPasskeys() };
}
