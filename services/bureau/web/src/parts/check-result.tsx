import { Anchor, Text, Title } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Checked } from '../api-publishing.ts';
import { useWords } from '../language.tsx';
import { Funnel, RulesTable } from './batch-figures.tsx';
import { PreviewedLines } from './previewed-lines.tsx';

/** What publishing a file would come to: the funnel, the rules that strike, the first lines masked. */
export function CheckResult({ checked }: { readonly checked: Checked }) {
  const { t } = useWords();
  const { preview, rejected, rejections, rules, warned } = checked;
  return (
    <section aria-label={t('pub_checked')}>
      <Title order={3} size="h4" mt="md">
        {t('pub_checked')}
      </Title>
      <Funnel {...checked} warnings={warned} />
      <RulesTable rules={rules} aside />
      {rejections.length > 0 ? <RejectFile checked={checked} /> : null}
      {rejected > rejections.length ? <Text size="sm">{t('pub_cut', { n: rejections.length })}</Text> : null}
      <details>
        <summary>{t('pub_preview', { n: preview.length })}</summary>
        <PreviewedLines lines={preview} />
      </details>
    </section>
  );
}

/** The rejected lines with their own text, as the command line writes them; it holds personal data. */
function RejectFile({ checked: { rejections } }: { readonly checked: Checked }) {
  const { t } = useWords();
  const [url, setUrl] = useState('');
  useEffect(() => {
    const lines = rejections.map((rejection) => {
      const { cells: _, severity: __, ...line } = rejection;
      return JSON.stringify(line);
    });
    const made = URL.createObjectURL(new Blob([`${lines.join('\n')}\n`], { type: 'application/x-ndjson' }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [rejections]);
  return (
    <Text size="sm" my="xs">
      <Anchor href={url} download="rejected.jsonl">
        {t('pub_rejectFile', { n: rejections.length })}
      </Anchor>
    </Text>
  );
}
