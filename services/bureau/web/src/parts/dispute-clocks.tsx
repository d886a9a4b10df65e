import type { Self } from '@causeway/ui/staff-api.ts';
import { Button, Group, NativeSelect, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { type DisputeAct, type DisputeDetail, stopReasons } from '../api.ts';
import { useWords } from '../language.tsx';

interface Props {
  readonly dispute: DisputeDetail;
  readonly self: Self;
  readonly act: (act: DisputeAct) => void;
}

/** Moves the clocks of a dispute: by somebody else than who handles it. */
export function DisputeClocks({ act, dispute, self }: Props) {
  const { t } = useWords();
  const [reason, setReason] = useState<(typeof stopReasons)[number]>('expert_test');
  const { clocks, handler } = dispute;
  const stopped = clocks.some(({ stopped_at: at }) => at !== undefined);
  const mayApprove = handler !== null && handler !== self.person;
  return (
    <>
      <Title order={3} size="h5" mt="sm">
        {t('fix_clocks')}
      </Title>
      <ClockList dispute={dispute} />
      {mayApprove ? (
        <Group gap="xs" align="end" mt="xs">
          <Button size="xs" variant="default" onClick={() => act({ kind: 'extend' })}>
            {t('act_extend')}
          </Button>
          {stopped ? (
            <Button size="xs" variant="default" onClick={() => act({ kind: 'resume' })}>
              {t('fix_resume')}
            </Button>
          ) : (
            <>
              <NativeSelect
                size="xs"
                label={t('fix_reason')}
                value={reason}
                onChange={({ currentTarget }) => setReason(currentTarget.value as typeof reason)}
                data={stopReasons.map((value) => ({ value, label: t(`fix_stop_${value}`) }))}
              />
              <Button size="xs" variant="default" onClick={() => act({ kind: 'stop', reason })}>
                {t('fix_stop')}
              </Button>
            </>
          )}
        </Group>
      ) : (
        <Text size="sm">{t(handler === null ? 'fix_noHandler' : 'fix_second')}</Text>
      )}
    </>
  );
}

/** Each clock with its rule, and what became of it. */
function ClockList({ dispute: { clocks } }: Pick<Props, 'dispute'>) {
  const { t, time } = useWords();
  return (
    <ul>
      {clocks.map(({ due_at: due, met_at: met, rule, stopped_at: stopped }) => (
        <li key={rule}>
          <Text size="sm">
            <code>{rule}</code>: {t('due', { date: time(due) })}
            {met === undefined ? '' : `, ${t('fix_met', { date: time(met) })}`}
            {stopped === undefined ? '' : `, ${t('fix_stopped', { date: time(stopped) })}`}
          </Text>
        </li>
      ))}
    </ul>
  );
}
