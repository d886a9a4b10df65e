import { ScrollTable } from '@causeway/ui/scroll-table.tsx';
import { Card, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, type Overview } from '../api.ts';
import { useWords } from '../language.tsx';
import { Loaded } from '../loaded.tsx';

/** How the federation is: alarms, how far each ledger was read, and this node (ux S1, in part). */
export function OverviewPage() {
  const { t } = useWords();
  const query = useQuery({ queryKey: ['overview'], queryFn: api.overview });
  return (
    <>
      <Title order={2} my="sm">
        {t('overview')}
      </Title>
      <Text size="sm" mb="sm">
        {t('noActs')}
      </Text>
      <Loaded query={query}>
        {({ health, reconciliation }) => (
          <>
            <Summary found={reconciliation} />
            <Alarms found={reconciliation} />
            <Ledgers found={reconciliation} />
            <Conditions health={health} />
          </>
        )}
      </Loaded>
    </>
  );
}

type Found = Overview['reconciliation'];

function Summary({ found }: { readonly found: Found }) {
  const { t } = useWords();
  return (
    <Card withBorder mb="md">
      <Text fw={600} role="status">
        {t('alarmsOpen', { n: found.alarms_open })}
      </Text>
      <Text size="sm">{t('paired', { n: found.legs.paired })}</Text>
      <Text size="sm">{t('waiting', { n: found.inquiries.waiting })}</Text>
    </Card>
  );
}

function Alarms({ found }: { readonly found: Found }) {
  const { t, time } = useWords();
  return (
    <>
      <Title order={3} size="h4">
        {t('alarms')}
      </Title>
      <ScrollTable
        label={t('alarms')}
        head={[t('when'), t('kind'), t('member'), t('leaf'), t('closed')]}
        rows={found.alarms.map(({ at_ms, closed_at_ms, index, kind, member }) => [
          time(new Date(at_ms).toISOString()),
          <code key="kind">{kind}</code>,
          ...[member, index],
          closed_at_ms === undefined ? t('open') : time(new Date(closed_at_ms).toISOString()),
        ])}
        none={t('noAlarms')}
      />
    </>
  );
}

function Ledgers({ found }: { readonly found: Found }) {
  const { t, time } = useWords();
  return (
    <>
      <Title order={3} size="h4" mt="md">
        {t('ledgers')}
      </Title>
      <ScrollTable
        label={t('ledgers')}
        head={[t('member'), t('status'), t('leavesRead'), t('readThrough'), t('state')]}
        rows={found.members.map(({ behind, member, position, read_through_ms, size, status }) => [
          ...[member, t(`status_${status}`), `${position} / ${size}`],
          read_through_ms === null ? t('never') : time(new Date(read_through_ms).toISOString()),
          t(behind ? 'behind' : 'upToDate'),
        ])}
        none={t('noLedgers')}
      />
    </>
  );
}

function Conditions({ health }: { readonly health: Overview['health'] }) {
  const { t } = useWords();
  const checks = Object.entries(health.checks).map(([name, ok]) => [name, t(ok ? 'holds' : 'fails'), '']);
  const details = Object.entries(health.details).map(([name, { detail, ok }]) => [
    ...[name, t(ok ? 'holds' : 'fails'), detail],
  ]);
  return (
    <>
      <Title order={3} size="h4" mt="md">
        {t('node')}
      </Title>
      <ScrollTable
        label={t('node')}
        head={[t('condition'), t('state'), t('detail')]}
        rows={[...checks, ...details]}
        none={t('noConditions')}
      />
    </>
  );
}
