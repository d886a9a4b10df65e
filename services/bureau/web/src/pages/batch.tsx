import type { Self } from '@causeway/ui/staff-api.ts';
import { Anchor, Button, Group, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from 'wouter';
import type { BatchDetail } from '../api.ts';
import { batchPath, type BatchKey, publishing, rejectionsUrl } from '../api-publishing.ts';
import { useWords } from '../language.tsx';
import { Funnel, RulesTable } from '../parts/batch-figures.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { SignOffPart } from '../parts/sign-off-part.tsx';

/** One batch, as it is signed off and as it is printed for a supervisor (ux B2). */
export function BatchPage({ self }: { readonly self: Self }) {
  const query = new URLSearchParams(useSearch());
  const key = { batch: query.get('batch') ?? '', mapping: query.get('mapping') ?? '' };
  return <OneBatch key={key.batch + key.mapping} batch={key} self={self} />;
}

function OneBatch({ batch, self }: { readonly batch: BatchKey; readonly self: Self }) {
  const query = useQuery({
    queryKey: ['batch', batch.batch, batch.mapping],
    queryFn: async () => await publishing.batch(batch),
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? 1000 : false),
  });
  return <Loaded query={query}>{(detail) => <Paper batch={detail} self={self} />}</Loaded>;
}

/** A sheet of A4; what is only for the screen is left out of it. */
function Paper({ batch, self }: { readonly batch: BatchDetail; readonly self: Self }) {
  const { language, t } = useWords();
  const { legal_name, legal_name_zh } = self.member;
  const member = (language === 'zh-CN' ? legal_name_zh : undefined) ?? legal_name;
  return (
    <article className="paper">
      <Title order={2} mt="sm">
        {t('pub_paper')}
      </Title>
      <Text fw={600} mb="sm">
        {member} ({self.member.id})
      </Text>
      <Facts batch={batch} />
      <Title order={3} size="h4" mt="md">
        {t('funnel')}
      </Title>
      <Funnel {...batch} />
      <Title order={3} size="h4" mt="md">
        {t('rulesThatSpoke')}
      </Title>
      <RulesTable rules={batch.rules} />
      <Others batch={batch} />
      <SignOffPart batch={batch} self={self} />
      <Group mt="md" className="screen-only">
        <Button variant="default" onClick={() => globalThis.print()}>
          {t('pub_print')}
        </Button>
        {batch.rejected > 0 ? (
          <Anchor href={rejectionsUrl(batch)} download>
            {t('rejectFile')}
          </Anchor>
        ) : null}
      </Group>
    </article>
  );
}

function Facts({ batch }: { readonly batch: BatchDetail }) {
  const { t, time } = useWords();
  const facts: (readonly [string, string])[] = [
    [t('mapping'), `${batch.mapping_name ?? ''} (${batch.mapping})`],
    [t('file'), batch.batch],
    [t('pub_statement'), batch.statement ?? t('pub_noStatement')],
    [t('state'), t(`batch_${batch.state}`)],
    [t('received'), time(batch.started_at)],
    ...(batch.finished_at === undefined ? [] : [[t('pub_finished'), time(batch.finished_at)] as const]),
    ...batch.uploads.map(
      ({ at, name, person }) => [t('pub_by'), `${name} (${person}), ${time(at)}`] as const,
    ),
    ...(batch.uploads.length === 0 ? [[t('pub_by'), t('pub_bySystem')] as const] : []),
  ];
  return (
    <dl className="facts">
      {facts.map(([name, value], at) => (
        <div key={at}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The batch whose lines this one mends, and those that mend this one's. */
function Others({ batch: { corrected_by: after, corrects } }: { readonly batch: BatchDetail }) {
  const { t } = useWords();
  const link = (key: BatchKey) => (
    <Anchor component={Link} underline="always" href={batchPath(key)} className="digest">
      <code>{key.batch}</code>
    </Anchor>
  );
  return (
    <>
      {corrects ? (
        <Text size="sm" mt="sm" className="digest">
          {t('pub_corrects')} {link(corrects)}
        </Text>
      ) : null}
      {after.map((key) => (
        <Text key={key.batch + key.mapping} size="sm" mt="sm" className="digest">
          {t('pub_correctedBy')} {link(key)}
        </Text>
      ))}
    </>
  );
}
