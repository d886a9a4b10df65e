import { Alert, Button, Card, FileInput, NativeSelect, Text, Title } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type SyntheticEvent, useState } from 'react';
import { api, type Mapping, type PreviewedLine } from '../api.ts';
import { useWords } from '../language.tsx';
import { Loaded } from './loaded.tsx';
import { ScrollTable } from './scroll-table.tsx';

const sampleBytesMax = 98_304;

/** The first rows of a sample beside what they become, masked by the service. */
export function PreviewPart() {
  const { t } = useWords();
  const query = useQuery({ queryKey: ['mappings'], queryFn: api.mappings });
  return (
    <>
      <Title order={2} my="sm">
        {t('previewTitle')}
      </Title>
      <Text size="sm" mb="sm">
        {t('previewMore')}
      </Text>
      <Loaded query={query}>
        {({ items }) => (items.length === 0 ? <Text>{t('noMappings')}</Text> : <Form mappings={items} />)}
      </Loaded>
    </>
  );
}

function Form({ mappings }: { readonly mappings: readonly Mapping[] }) {
  const { t } = useWords();
  const [mapping, setMapping] = useState(mappings[0]?.mapping ?? '');
  const [file, setFile] = useState<File | null>(null);
  const tooLarge = file !== null && file.size > sampleBytesMax;
  const preview = useMutation({
    mutationFn: async (sample: File) =>
      await api.preview(mapping, base64url(new Uint8Array(await sample.arrayBuffer()))),
  });
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (file !== null && !tooLarge) preview.mutate(file);
  };
  return (
    <form onSubmit={submit}>
      <NativeSelect
        label={t('mapping')}
        value={mapping}
        onChange={({ currentTarget }) => setMapping(currentTarget.value)}
        data={mappings.map((one) => ({ value: one.mapping, label: nameOf(one) }))}
      />
      <FileInput
        label={t('sample')}
        my="sm"
        value={file}
        onChange={setFile}
        {...(tooLarge ? { error: t('tooLarge') } : {})}
      />
      <Button type="submit" disabled={file === null || tooLarge} loading={preview.isPending}>
        {t('preview')}
      </Button>
      {preview.isError ? (
        <Alert mt="sm" color="red" role="alert" title={t('failed', { detail: preview.error.message })} />
      ) : null}
      {preview.data?.items.map((line) => (
        <Line key={line.line} line={line} />
      ))}
    </form>
  );
}

const nameOf = ({ encoding, format, mapping, name }: Mapping): string =>
  `${name} (${format}, ${encoding}, ${mapping.slice(8, 14)})`;

function Line({ line: { cells, line, records, rejection, subject } }: { readonly line: PreviewedLine }) {
  const { t } = useWords();
  const fields = records.flatMap((record) => Object.entries(record));
  return (
    <Card withBorder mt="sm">
      <Text fw={600}>{t('row', { line })}</Text>
      <ScrollTable
        label={t('row', { line })}
        head={cells.map(({ column }) => column)}
        rows={[cells.map(({ text }) => text)]}
        none=""
      />
      {rejection ? <Text mt="xs">{t('rowRejected', { ...rejection })}</Text> : null}
      {rejection ? null : (
        <Text size="sm" mt="xs" className="digest">
          {t('becomes')}: {t('subject')} {subject};{' '}
          {fields.map(([name, value]) => `${name} = ${shown(value)}`).join('; ')}
        </Text>
      )}
    </Card>
  );
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function base64url(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
