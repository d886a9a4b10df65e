import { Badge, Button, Card, Group, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { disputesApi, type DisputeView } from '../api-disputes.ts';
import { useWords } from '../language.tsx';
import { en, type Messages } from '../messages/en.ts';
import { DoneBy } from './done-by.tsx';
import { Loaded } from './loaded.tsx';
import { useMemberNames } from './names.ts';

const dayMs = 86_400_000;
const open: ReadonlySet<string> = new Set(['received', 'accepted', 'marked', 'forwarded', 'answered']);

interface Props {
  readonly dispute: DisputeView;
  /** When it was looked up. */
  readonly nowMs: number;
}

/** One dispute: where it stands in plain words, until when, how it went, and how to take it back. */
export function DisputeCard({ dispute, nowMs }: Props) {
  const { language, t, time } = useWords();
  const nameOf = useMemberNames();
  const { bureau, reason, received_at: received, record, words } = dispute;
  return (
    <Card component="article" withBorder mb="sm" padding="sm">
      <Group justify="space-between" gap="xs">
        <Text component="time" dateTime={received} size="sm">
          {time(received)}
        </Text>
        <Badge variant="outline">{t(messageOf(`disputeReason_${reason}`))}</Badge>
      </Group>
      <Text size="sm" className="breaks">
        {t('disputeAt', { bureau: nameOf(bureau), record })}
      </Text>
      <Text fw={600} my={4}>
        {language === 'en' ? words.en : words.zh}
      </Text>
      <DoneBy by={dispute.by} />
      <DoneBy by={dispute.withdrawn_by} what="back" />
      <Deadline dispute={dispute} nowMs={nowMs} />
      <Steps dispute={dispute} />
      {open.has(dispute.state) && dispute.withdrawn_at === undefined ? <Withdraw id={dispute.id} /> : null}
    </Card>
  );
}

function messageOf(key: string): keyof Messages {
  return Object.hasOwn(en, key) ? (key as keyof Messages) : 'disputeReason_other';
}

function Deadline({ dispute, nowMs }: Props) {
  const { t, time } = useWords();
  const { due_at: due, overdue, state, withdrawn_at: withdrawn } = dispute;
  if (overdue === true) return <Text size="sm">{t('disputeOverdue')}</Text>;
  if (withdrawn !== undefined && open.has(state)) return <Text size="sm">{t('disputeWithdrawing')}</Text>;
  if (due === null) return null;
  const days = Math.max(0, Math.floor((Date.parse(due) - nowMs) / dayMs));
  return <Text size="sm">{t('disputeDue', { date: time(due), days })}</Text>;
}

/** Loaded when it is wanted. */
function Steps({ dispute: { clocks, id, state } }: { readonly dispute: DisputeView }) {
  const { t, time } = useWords();
  const [wanted, setWanted] = useState(false);
  const query = useQuery({
    queryKey: ['disputes', id, state],
    queryFn: async () => await disputesApi.one(id),
    enabled: wanted,
  });
  const due = clocks.find(({ kind }) => kind === 'resolve');
  return (
    <details onToggle={({ currentTarget }) => setWanted(currentTarget.open)}>
      <summary>{t('disputeMore')}</summary>
      {wanted ? (
        <Loaded query={query}>
          {({ corrections, outcome, text, timeline }) => (
            <>
              <Text size="sm" mt={4}>
                {t('disputeYouSaid', { text })}
              </Text>
              <ol>
                {timeline.map(({ at, event, text: reply }) => (
                  <li key={`${event} ${at}`}>
                    {time(at)}: {t(messageOf(`disputeEvent_${event}`))}
                    {reply === undefined ? null : <div>{t('disputeTheySaid', { text: reply })}</div>}
                  </li>
                ))}
              </ol>
              {outcome === 'corrected' || outcome === 'deleted' ? (
                <Text size="sm">{t('disputeTold', { count: corrections })}</Text>
              ) : null}
            </>
          )}
        </Loaded>
      ) : null}
      {due === undefined ? null : <Text size="sm">{t('disputeLaw', { source: due.source })}</Text>}
    </details>
  );
}

function Withdraw({ id }: { readonly id: string }) {
  const { t } = useWords();
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const withdraw = useMutation({
    mutationFn: async () => await disputesApi.withdraw(id),
    onSuccess: async () => await client.invalidateQueries({ queryKey: ['disputes'] }),
  });
  if (!asking) {
    return (
      <Button variant="default" mt="xs" onClick={() => setAsking(true)}>
        {t('disputeWithdraw')}
      </Button>
    );
  }
  return (
    <div role="group" aria-label={t('disputeWithdrawAsk')}>
      <Text mt="xs" fw={600}>
        {t('disputeWithdrawAsk')}
      </Text>
      <Text size="sm">{t('disputeWithdrawMore')}</Text>
      {withdraw.error ? <Text role="alert">{t('failed', { detail: withdraw.error.message })}</Text> : null}
      <Group mt="xs">
        <Button color="red.9" loading={withdraw.isPending} onClick={() => withdraw.mutate()}>
          {t('disputeWithdrawYes')}
        </Button>
        <Button variant="default" onClick={() => setAsking(false)}>
          {t('cancel')}
        </Button>
      </Group>
    </div>
  );
}
