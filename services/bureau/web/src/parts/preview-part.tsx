import { Alert, Button, FileInput, Text, Title } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type SyntheticEvent, useState } from 'react';
import { api, type Mapping } from '../api.ts';
import { useWords } from '../language.tsx';
import { ChooseMapping } from './choose-mapping.tsx';
import { Loaded } from './loaded.tsx';
import { PreviewedLines } from './previewed-lines.tsx';

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
      <ChooseMapping mapping={mapping} mappings={mappings} choose={setMapping} />
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
      {preview.data ? <PreviewedLines lines={preview.data.items} /> : null}
    </form>
  );
}

function base64url(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
