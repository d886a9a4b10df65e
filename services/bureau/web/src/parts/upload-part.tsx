import { Refused } from '@causeway/ui/requests.ts';
import { Alert, Button, Card, FileInput, Progress, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type SyntheticEvent, useState } from 'react';
import { api, type BatchDetail, type Mapping } from '../api.ts';
import { type BatchKey, type Checked, publishing } from '../api-publishing.ts';
import { useWords } from '../language.tsx';
import { CheckResult } from './check-result.tsx';
import { ChooseMapping } from './choose-mapping.tsx';
import { AddMapping } from './add-mapping.tsx';
import { Loaded } from './loaded.tsx';
import { PublishedResult } from './published-result.tsx';
import { Refusal } from './refusal.tsx';

const fileBytesMax = 268_435_456;

/** Checks a file, publishes it, and mends what was rejected (ux B2). */
export function UploadPart() {
  const { t } = useWords();
  const query = useQuery({ queryKey: ['mappings'], queryFn: api.mappings });
  return (
    <>
      <Title order={2} my="sm">
        {t('pub_title')}
      </Title>
      <Loaded query={query}>
        {({ items }) => (items.length === 0 ? <Text>{t('noMappings')}</Text> : <Upload mappings={items} />)}
      </Loaded>
      <AddMapping />
    </>
  );
}

/** A file that was checked; another file or mapping begins anew. */
interface Candidate {
  readonly file: File;
  readonly mapping: string;
  readonly checked: Checked;
}

function Upload({ mappings }: { readonly mappings: readonly Mapping[] }) {
  const { t } = useWords();
  const [mapping, setMapping] = useState(mappings[0]?.mapping ?? '');
  const [file, setFile] = useState<File | null>(null);
  const [sent, setSent] = useState(0);
  const checking = useMutation({
    mutationFn: async (chosen: File): Promise<Candidate> => {
      setSent(0);
      return { file: chosen, mapping, checked: await publishing.check(mapping, chosen, setSent) };
    },
  });
  const tooLarge = file !== null && file.size > fileBytesMax;
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (file !== null && !tooLarge) checking.mutate(file);
  };
  const choose = (change: () => void): void => {
    checking.reset();
    change();
  };
  return (
    <Card withBorder mb="md">
      <form onSubmit={submit}>
        <ChooseMapping
          mapping={mapping}
          mappings={mappings}
          choose={(digest) => choose(() => setMapping(digest))}
        />
        <FileInput
          label={t('pub_file')}
          placeholder={t('pub_choose')}
          description={t('pub_fileMore')}
          my="sm"
          value={file}
          onChange={(chosen) => choose(() => setFile(chosen))}
          {...(tooLarge ? { error: t('pub_tooLarge') } : {})}
        />
        <Button type="submit" disabled={file === null || tooLarge} loading={checking.isPending}>
          {t('pub_check')}
        </Button>
      </form>
      {checking.isPending ? <Underway label={t('pub_sending')} part={sent} /> : null}
      {checking.isError ? <Refusal error={checking.error} /> : null}
      {checking.data ? <Publish candidate={checking.data} /> : null}
    </Card>
  );
}

function Publish({ candidate }: { readonly candidate: Candidate }) {
  const { t } = useWords();
  const { checked, file, mapping } = candidate;
  const client = useQueryClient();
  const key = { batch: checked.batch, mapping };
  const [sent, setSent] = useState(0);
  const sending = useMutation({
    mutationFn: async () => await publishOrFind(key, file, setSent),
    onSuccess: async (batch) => {
      client.setQueryData(['batch', key.batch, key.mapping], batch);
      await client.invalidateQueries({ queryKey: ['batches'] });
    },
  });
  return (
    <>
      <CheckResult checked={checked} />
      {sending.data ? null : (
        <Button mt="sm" loading={sending.isPending} onClick={() => sending.mutate()}>
          {t('pub_publish', { n: checked.accepted })}
        </Button>
      )}
      {sending.isPending ? <Running batch={key} bytes={file.size} sent={sent} /> : null}
      {sending.isError ? <Refusal error={sending.error} /> : null}
      {isBroken(sending.error) ? <Alert mt="sm" variant="light" title={t('pub_broken')} /> : null}
      {sending.data ? <PublishedResult batch={sending.data} checked={checked} /> : null}
      {sending.data || isBroken(sending.error) ? null : (
        <Alert mt="sm" variant="light" title={t('pub_nothingYet')} />
      )}
    </>
  );
}

/** The service has said nothing: whether all of the file had come by then, it alone knows. */
const isBroken = (error: Error | null): boolean => error !== null && !(error instanceof Refused);

/**
 * Publishes a file. Where the line breaks and all of it had come, the bureau goes on by itself: then it is
 * that batch.
 * @throws Refused, or TypeError where the line breaks and nothing is known of the file
 */
async function publishOrFind(key: BatchKey, file: File, told: (part: number) => void): Promise<BatchDetail> {
  const before = await publishing.arrived(key);
  try {
    return await publishing.publish(key, file, told);
  } catch (error) {
    if (error instanceof Refused) throw error;
    const after = await publishing.arrived(key).catch(() => undefined);
    // One that was complete before would be taken anew after a new epoch: whether it was, nobody can see.
    if (after === undefined || before?.state === 'complete') throw error;
    return after;
  }
}

interface RunningProps {
  readonly batch: Pick<BatchDetail, 'batch' | 'mapping'>;
  readonly bytes: number;
  readonly sent: number;
}

/** How far a file is on its way here, and then into the store. */
function Running({ batch, bytes, sent }: RunningProps) {
  const { t } = useWords();
  const query = useQuery({
    queryKey: ['batch', batch.batch, batch.mapping],
    queryFn: async () => await publishing.batch(batch),
    // It is not there until all of it has come.
    ...{ enabled: sent === 1, refetchInterval: 1000, retry: false },
  });
  const taken = query.data === undefined ? undefined : query.data.offset / Math.max(bytes, 1);
  return taken === undefined ? (
    <Underway label={t('pub_sending')} part={sent} />
  ) : (
    <Underway label={t('pub_taking')} part={taken} />
  );
}

function Underway({ label, part }: { readonly label: string; readonly part: number }) {
  const percent = Math.round(100 * Math.min(part, 1));
  return (
    <>
      <Text size="sm" mt="sm" role="status">
        {label}: {percent}%
      </Text>
      <Progress value={percent} aria-label={label} />
    </>
  );
}
