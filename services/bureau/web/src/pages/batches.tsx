import { Anchor, Badge, Button, Card, Group, Text, Title } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Batch, type BatchDetail, rejectionsUrl } from '../api.ts';
import { useWords } from '../language.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { ScrollTable } from '../parts/scroll-table.tsx';

/** Files that were published, each with what became of its lines (ux B2). */
export function Batches() {
  const { t } = useWords();
  const query = useInfiniteQuery({
    queryKey: ['batches'],
    queryFn: async ({ pageParam }) => await api.batches(pageParam),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ next }) => next,
  });
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <Title order={2} my="sm">
        {t('batches')}
      </Title>
      {query.isPending ? <Text>{t('loading')}</Text> : null}
      {query.isError ? <Text role="alert">{t('failed', { detail: query.error.message })}</Text> : null}
      {query.isSuccess && items.length === 0 ? <Text>{t('noBatches')}</Text> : null}
      <ul className="plain-list">
        {items.map((batch) => (
          <li key={batch.id}>
            <BatchCard batch={batch} />
          </li>
        ))}
      </ul>
      {query.hasNextPage ? (
        <Button variant="default" onClick={() => void query.fetchNextPage()}>
          {t('older')}
        </Button>
      ) : null}
    </>
  );
}

function BatchCard({ batch }: { readonly batch: Batch }) {
  const { t, time } = useWords();
  const [open, setOpen] = useState(false);
  return (
    <Card withBorder mb="sm">
      <Group justify="space-between" gap="xs">
        <Text fw={600}>{batch.mapping_name}</Text>
        <Badge variant="default">{t(`batch_${batch.state}`)}</Badge>
      </Group>
      <Text size="sm">{time(batch.started_at)}</Text>
      <Funnel batch={batch} />
      <Group gap="sm" mt="xs">
        <Button variant="default" size="xs" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t(open ? 'hide' : 'show')}
        </Button>
        {batch.rejected > 0 ? (
          <Anchor size="sm" href={rejectionsUrl(batch)} download>
            {t('rejectFile')}
          </Anchor>
        ) : null}
      </Group>
      {open ? <Detail batch={batch} /> : null}
    </Card>
  );
}

/** Sent, read, accepted, rejected: three outcomes of a line and not two. */
function Funnel({ batch }: { readonly batch: Batch }) {
  const { language, t } = useWords();
  const number = new Intl.NumberFormat(language);
  const steps = [
    [t('sent'), t('bytes', { n: batch.bytes })],
    [t('parsed'), number.format(batch.lines)],
    [t('accepted'), number.format(batch.accepted)],
    [t('warned'), number.format(batch.warnings)],
    [t('rejected'), number.format(batch.rejected)],
  ] as const;
  return (
    <dl className="funnel" aria-label={t('funnel')}>
      {steps.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Detail({ batch }: { readonly batch: Batch }) {
  const { t } = useWords();
  const query = useQuery({
    queryKey: ['batch', batch.batch, batch.mapping],
    queryFn: async () => await api.batch(batch),
  });
  return (
    <>
      <Text size="sm" mt="xs" className="digest">
        {t('file')}: <code>{batch.batch}</code>
      </Text>
      <Text size="sm" className="digest">
        {t('mapping')}: <code>{batch.mapping}</code>
      </Text>
      <Loaded query={query}>{({ rules }) => <RulesTable rules={rules} />}</Loaded>
    </>
  );
}

function RulesTable({ rules }: { readonly rules: BatchDetail['rules'] }) {
  const { language, t } = useWords();
  const tongue = language === 'en' ? 'en' : 'zh';
  return (
    <ScrollTable
      label={t('rulesThatSpoke')}
      head={[t('rule'), t('lines'), t('severity'), t('what'), t('fix')]}
      rows={rules.map(({ fix, lines, rule, severity, what }) => [
        <code key="rule">{rule}</code>,
        lines,
        severity ? t(`severity_${severity}`) : '',
        what?.[tongue] ?? '',
        fix?.[tongue] ?? '',
      ])}
      none={t('noRules')}
    />
  );
}
