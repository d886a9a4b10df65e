import type { Self } from '@causeway/ui/staff-api.ts';
import { Button, Group, NativeSelect, Text, Textarea, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type DisputeAct, type DisputeDetail } from '../api.ts';
import { useWords } from '../language.tsx';
import { cannedAnswers, outcomeWords } from './canned-answers.ts';
import { CorrectItem } from './correct-item.tsx';
import { DisputeClocks } from './dispute-clocks.tsx';
import { Loaded } from './loaded.tsx';
import { Refusal } from './refusal.tsx';

/** One dispute: what the person wrote, what was done, and what may be done now. */
export function DisputeDesk({ id, self }: { readonly id: string; readonly self: Self }) {
  const query = useQuery({ queryKey: ['dispute', id], queryFn: async () => await api.dispute(id) });
  return <Loaded query={query}>{(dispute) => <Opened dispute={dispute} self={self} />}</Loaded>;
}

function Opened({ dispute, self }: { readonly dispute: DisputeDetail; readonly self: Self }) {
  const { t, time } = useWords();
  const named = (by: string): string => (by === 'bureau' || by === 'clock' ? t(`fix_by_${by}`) : by);
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
            <Text size="sm">
              {t('step', { date: time(at), event: t(`fix_event_${event}`), by: named(by) })}
            </Text>
            {text === undefined ? null : <Text className="words">{text}</Text>}
          </li>
        ))}
      </ol>
      <Acts dispute={dispute} self={self} />
    </>
  );
}

/** Outcomes that the person reads in plain words, in both languages. */
const outcomes = ['corrected', 'deleted', 'unfounded', 'undetermined'] as const;
type Outcome = (typeof outcomes)[number];

interface ActsProps {
  readonly dispute: DisputeDetail;
  readonly self: Self;
}

/** What the state lets be done; whether this person may do it the service says. */
function Acts({ dispute, self }: ActsProps) {
  const client = useQueryClient();
  const acting = useMutation({
    mutationFn: async (act: DisputeAct) => await api.act(dispute.id, act),
    onSuccess: async (now) => {
      client.setQueryData(['dispute', dispute.id], now);
      await client.invalidateQueries({ queryKey: ['disputes'] });
    },
  });
  const { state } = dispute;
  if (!['marked', 'forwarded', 'answered'].includes(state)) return null;
  const act = (what: DisputeAct): void => acting.mutate(what);
  return (
    <>
      {state === 'answered' ? (
        <Decide id={dispute.id} act={act} pending={acting.isPending} />
      ) : (
        <Gather state={state} act={act} />
      )}
      <DisputeClocks dispute={dispute} self={self} act={act} />
      {acting.isError ? <Refusal error={acting.error} /> : null}
    </>
  );
}

/** Before anything is found: whoever reported the item is asked, and what they answered is written down. */
function Gather({ act, state }: { readonly act: (act: DisputeAct) => void; readonly state: string }) {
  const { t } = useWords();
  const [text, setText] = useState('');
  return (
    <>
      <Textarea
        label={t('fix_answer')}
        value={text}
        maxLength={2000}
        autosize
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
      <Group gap="xs" mt="xs">
        {state === 'marked' ? (
          <Button size="xs" variant="default" onClick={() => act({ kind: 'forward' })}>
            {t('act_forward')}
          </Button>
        ) : null}
        <Button size="xs" variant="default" onClick={() => act({ kind: 'answer', ...told(text) })}>
          {t('act_answer')}
        </Button>
      </Group>
    </>
  );
}

interface DecideProps {
  readonly id: string;
  readonly act: (act: DisputeAct) => void;
  readonly pending: boolean;
}

/** What was found, what the person will read of it, and the right values where the item was wrong. */
function Decide({ act, id, pending }: DecideProps) {
  const { language, t } = useWords();
  const [outcome, setOutcome] = useState<Outcome>('corrected');
  const [text, setText] = useState('');
  const words = outcomeWords[outcome][language === 'en' ? 'en' : 'zh'];
  const find = (): void => {
    if (outcome === 'deleted') act({ kind: 'delete', ...told(text) });
    else if (outcome !== 'corrected') act({ kind: 'find', outcome, ...told(text) });
  };
  return (
    <>
      <NativeSelect
        label={t('fix_outcome')}
        mt="sm"
        value={outcome}
        onChange={({ currentTarget }) => setOutcome(currentTarget.value as Outcome)}
        data={outcomes.map((value) => ({ value, label: t(`fix_${value}`) }))}
      />
      <Text size="sm" mt="xs">
        {t('fix_told', { words })}
      </Text>
      <NativeSelect
        label={t('fix_canned')}
        mt="xs"
        value=""
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        data={[
          { value: '', label: t('fix_cannedNone') },
          ...cannedAnswers[outcome].map((said) => ({
            value: `${said.zh}\n${said.en}`,
            label: said[language === 'en' ? 'en' : 'zh'],
          })),
        ]}
      />
      <Textarea
        label={t('reply')}
        value={text}
        maxLength={2000}
        autosize
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
      {outcome === 'corrected' ? (
        <CorrectItem
          id={id}
          pending={pending}
          correct={(set) => act({ kind: 'correct', ...(set && { set }), ...told(text) })}
        />
      ) : (
        <Button size="xs" mt="sm" loading={pending} onClick={find}>
          {t('fix_find', { outcome: t(`fix_${outcome}`) })}
        </Button>
      )}
    </>
  );
}

const told = (text: string): { text?: string } => (text.trim() === '' ? {} : { text: text.trim() });
