import { FileInput, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { publishing } from '../api-publishing.ts';
import { useWords } from '../language.tsx';
import { Refusal } from './refusal.tsx';

/** Stores another mapping, from a file of JSON as the guide to publishing describes it. */
export function AddMapping() {
  const { t } = useWords();
  const client = useQueryClient();
  const storing = useMutation({
    mutationFn: publishing.storeMapping,
    onSuccess: async () => await client.invalidateQueries({ queryKey: ['mappings'] }),
  });
  const store = (file: File | null): void => {
    if (file !== null) storing.mutate(file);
  };
  return (
    <details>
      <summary>{t('pub_addMapping')}</summary>
      <FileInput
        label={t('pub_mappingFile')}
        placeholder={t('pub_choose')}
        accept="application/json"
        my="sm"
        value={null}
        onChange={store}
      />
      {storing.isSuccess ? <Text role="status">{t('pub_mappingStored')}</Text> : null}
      {storing.isError ? <Refusal error={storing.error} /> : null}
    </details>
  );
}
