import { Anchor, Button, Text } from '@mantine/core';
import { useState } from 'react';
import type { BatchDetail } from '../api.ts';
import { batchPath, type Checked } from '../api-publishing.ts';
import { useWords } from '../language.tsx';
import { MendLines } from './mend-lines.tsx';

/** Lines that are mended by hand at once. */
const mendedMax = 50;

interface Props {
  readonly batch: BatchDetail;
  /** What the check gave back of the rejected lines. */
  readonly checked: Checked;
}

/** What came of a file that was published, and the way to mend what was rejected. */
export function PublishedResult({ batch, checked }: Props) {
  const { t } = useWords();
  const [mending, setMending] = useState(false);
  const lines = checked.rejections.filter(({ cells }) => cells !== undefined);
  const small = checked.rejected <= mendedMax && lines.length > 0 && batch.typed;
  return (
    <section aria-label={t('pub_published')}>
      <Text mt="sm" role="status">
        {t(batch.state === 'complete' ? 'pub_done' : 'pub_running', {
          accepted: batch.accepted,
          rejected: batch.rejected,
        })}{' '}
        <Anchor href={`/console${batchPath(batch)}`} target="_blank" rel="noopener" underline="always">
          {t('pub_open')}
        </Anchor>
      </Text>
      {small && !mending ? (
        <Button mt="sm" onClick={() => setMending(true)}>
          {t('pub_mend', { n: lines.length })}
        </Button>
      ) : null}
      {!small && checked.rejected > 0 ? <Text size="sm">{t('pub_tooMany')}</Text> : null}
      {mending ? <MendLines batch={batch} columns={checked.columns} lines={lines} /> : null}
    </section>
  );
}
