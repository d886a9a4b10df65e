import { Refused } from '@causeway/ui/requests.ts';
import { Alert, Text } from '@mantine/core';
import { useWords } from '../language.tsx';
import { RuleLink } from './batch-figures.tsx';

/** Codes of refusals that have a page of their own among the rules of publishing. */
const rules: ReadonlySet<string> = new Set([
  ...['header_unreadable', 'file_truncated', 'file_malformed', 'totals_mismatch', 'mapping_invalid'],
]);

/** What was refused, and the rule that says so where there is one. */
export function Refusal({ error }: { readonly error: Error }) {
  const { t } = useWords();
  const code = error instanceof Refused ? error.code : '';
  return (
    <Alert mt="sm" color="red" role="alert" title={t('act_failed', { detail: error.message })}>
      {rules.has(code) ? (
        <Text size="sm">
          {t('rule')}: <RuleLink rule={code} aside />
        </Text>
      ) : null}
    </Alert>
  );
}
