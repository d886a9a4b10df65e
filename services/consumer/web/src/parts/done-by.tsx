import { Text } from '@mantine/core';
import type { DoneBy as By } from '../api-mandates.ts';
import { useWords } from '../language.tsx';

interface Props {
  readonly by: By | undefined;
  /** That something was done, or that it was taken back. */
  readonly what?: 'by' | 'back';
}

/** Who did it for the person; nothing where they did it themselves. */
export function DoneBy({ by, what = 'by' }: Props) {
  const { t } = useWords();
  if (by === undefined) return null;
  return <Text size="sm">{t(`mandate_${what}_${by.role}`, { name: by.name })}</Text>;
}
