import { NativeSelect } from '@mantine/core';
import type { Mapping } from '../api.ts';
import { useWords } from '../language.tsx';

interface Props {
  readonly mapping: string;
  readonly mappings: readonly Mapping[];
  readonly choose: (mapping: string) => void;
}

/** Which of the stored mappings a file is read by: its format and encoding are said there. */
export function ChooseMapping({ choose, mapping, mappings }: Props) {
  const { t } = useWords();
  return (
    <NativeSelect
      label={t('mapping')}
      value={mapping}
      onChange={({ currentTarget }) => choose(currentTarget.value)}
      data={mappings.map((one) => ({ value: one.mapping, label: nameOf(one) }))}
    />
  );
}

const nameOf = ({ encoding, format, mapping, name }: Mapping): string =>
  `${name} (${format}, ${encoding}, ${mapping.slice(8, 14)})`;
