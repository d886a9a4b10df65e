import { Text } from '@mantine/core';
import type { ShownLate as Rule } from '@causeway/sdk/page';
import { useWords } from '../language.tsx';
import { purposeName } from './names.ts';

/** What is shown late, said to everybody: no line here does not mean that there is none. */
export function ShownLate({ rules }: { readonly rules: readonly Rule[] }) {
  const { language, t } = useWords();
  return rules.map(({ days, purpose, rule, source }) => (
    <Text key={rule} size="sm" mb="sm">
      {t('late_rule', { days, purpose: purposeName(purpose, language), rule, source })}
    </Text>
  ));
}
