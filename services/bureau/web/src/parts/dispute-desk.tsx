import { Button, Group, Text, Textarea, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type DisputeAct, type DisputeDetail } from '../api.ts';
import { useWords } from '../language.tsx';
import { Loaded } from './loaded.tsx';

/** One dispute: what the person wrote, what was done, and what may be done now. */
export function DisputeDesk({ id }: { readonly id: string }) {
  const query = useQuery({ queryKey: ['dispute', id], queryFn: async () => await api.dispute(id) });
  return <Loaded query={query}>{(dispute) => <Opened dispute={dispute} />}</Loaded>;
}

function Opened({ dispute }: { readonly dispute: DisputeDetail }) {
  const { t, time } = useWords();
  return (
    <>
      <Title order={3} size="h5" mt="sm">
        {t('theyWrote')}
      </Title>
      <Text className="words">{dispute.text}</Text>
      <Title order={3} size="h5" mt="sm">
        {t('steps')}
      </Title>
      <ol>
        {dispute.steps.map(({ at, by, event, step, text }) => (
          <li key={step}>
            <Text size="sm">{t('step', { date: time(at), event, by })}</Text>
            {text === undefined ? null : <Text className="words">{text}</Text>}
          </li>
        ))}
      </ol>
      <Acts dispute={dispute} />
    </>
  );
}

/** What the state lets be done; whether this person may do it the service says. */
function Acts({ dispute: { id, state } }: { readonly dispute: DisputeDetail }) {
  const { t } = useWords();
  const client = useQueryClient();
  const [text, setText] = useState('');
  const told = text.trim() === '' ? {} : { text: text.trim() };
  const acting = useMutation({
    mutationFn: async (act: DisputeAct) => await api.act(id, act),
    onSuccess: async (now) => {
      client.setQueryData(['dispute', id], now);
      await client.invalidateQueries({ queryKey: ['disputes'] });
    },
  });
  const acts: [key: Parameters<typeof t>[0], act: DisputeAct, when: readonly string[]][] = [
    ['act_forward', { kind: 'forward' }, ['marked']],
    ['act_answer', { kind: 'answer', ...told }, ['marked', 'forwarded']],
    ['act_unfounded', { kind: 'find', outcome: 'unfounded', ...told }, ['answered']],
    ['act_undetermined', { kind: 'find', outcome: 'undetermined', ...told }, ['answered']],
    ['act_delete', { kind: 'delete', ...told }, ['answered']],
    ['act_extend', { kind: 'extend' }, ['marked', 'forwarded', 'answered']],
  ];
  const possible = acts.filter(([, , when]) => when.includes(state));
  if (possible.length === 0) return null;
  return (
    <>
      <Textarea
        label={t('reply')}
        value={text}
        maxLength={2000}
        autosize
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
      <Group gap="xs" mt="xs">
        {possible.map(([key, act]) => (
          <Button key={key} size="xs" variant="default" onClick={() => acting.mutate(act)}>
            {t(key)}
          </Button>
        ))}
      </Group>
      {acting.isError ? <Text role="alert">{t('act_failed', { detail: acting.error.message })}</Text> : null}
    </>
  );
}
