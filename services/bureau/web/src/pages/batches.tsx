import type { Self } from '@causeway/ui/staff-api.ts';
import { Anchor, Badge, Button, Card, Group, Text, Title } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { api, type Batch } from '../api.ts';
import { batchPath, publishing, rejectionsUrl } from '../api-publishing.ts';
import { useWords } from '../language.tsx';
import { Funnel, RulesTable } from '../parts/batch-figures.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { UploadPart } from '../parts/upload-part.tsx';

/** Files that were published, each with what became of its lines (ux B2). */
export function Batches({ self }: { readonly self: Self }) {
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
      {self.may.includes('files.publish') ? <UploadPart /> : null}
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
        <Group gap="xs">
          {batch.signed_off ? <Badge variant="default">{t('pub_isSigned')}</Badge> : null}
          <Badge variant="default">{t(`batch_${batch.state}`)}</Badge>
        </Group>
      </Group>
      <Text size="sm">{time(batch.started_at)}</Text>
      <Funnel {...batch} />
      <Group gap="sm" mt="xs">
        <Button variant="default" size="xs" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t(open ? 'hide' : 'show')}
        </Button>
        <Anchor size="sm" component={Link} href={batchPath(batch)}>
          {t('pub_open')}
        </Anchor>
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

function Detail({ batch }: { readonly batch: Batch }) {
  const { t } = useWords();
  const query = useQuery({
    queryKey: ['batch', batch.batch, batch.mapping],
    queryFn: async () => await publishing.batch(batch),
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
