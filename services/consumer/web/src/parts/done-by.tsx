import { Text } from '@mantine/core';
import type { DoneBy as By } from '../api-mandates.ts';
import { useWords } from '../language.tsx';

/** Who did it for the person; nothing where they did it themselves. */
export function DoneBy({ by }: { readonly by: By | undefined }) {
  const { t } = useWords();
  if (by === undefined) return null;
  return <Text size="sm">{t(`mandate_by_${by.role}`, { name: by.name })}</Text>;
}
