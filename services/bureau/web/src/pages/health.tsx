import { Card, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, type Health } from '../api.ts';
import { useWords } from '../language.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { ScrollTable } from '../parts/scroll-table.tsx';

/** Source, freshness, and what came of the inquiries of a day (ux B1). */
export function HealthPage() {
  const { t } = useWords();
  const query = useQuery({ queryKey: ['health'], queryFn: api.health, refetchInterval: 15_000 });
  return (
    <>
      <Title order={2} my="sm">
        {t('health')}
      </Title>
      <Loaded query={query}>
        {(health) => (
          <>
            <SourceCard health={health} />
            <Answers answers={health.answers} />
          </>
        )}
      </Loaded>
    </>
  );
}

function SourceCard({
  health: { last_batch_at: last, running_batches, source },
}: {
  readonly health: Health;
}) {
  const { t, time } = useWords();
  const own = source.ok === undefined;
  return (
    <Card withBorder mb="md">
      <Text fw={600} role="status">
        {t('source')}: {own ? t('sourceOwn') : `${source.name}, ${t(source.ok ? 'sourceOk' : 'sourceBad')}`}
      </Text>
      {source.detail ? <Text size="sm">{source.detail}</Text> : null}
      <Text size="sm">{last ? t('freshness', { date: time(last) }) : t('noBatchYet')}</Text>
      <Text size="sm">{t('runningNow', { n: running_batches })}</Text>
    </Card>
  );
}

function Answers({ answers }: { readonly answers: Health['answers'] }) {
  const { t } = useWords();
  return (
    <>
      <Title order={3} size="h4">
        {t('answersTitle')}
      </Title>
      <ScrollTable
        label={t('answersTitle')}
        head={[t('state'), t('outcome'), t('count')]}
        rows={answers.map(({ count, outcome, state }) => [t(`state_${state}`), outcome, count])}
        none={t('noAnswers')}
      />
    </>
  );
}
