import { Text } from '@mantine/core';
import type { Freeze } from '../api.ts';
import { useWords } from '../language.tsx';
import { list, useMemberNames } from './names.ts';

/** Node by node, as they are: nothing is called done before it is. */
export function Confirmations({
  freeze: { acknowledgements = [], waiting = [] },
}: {
  readonly freeze: Freeze;
}) {
  const { language, t, time } = useWords();
  const nameOf = useMemberNames();
  return (
    <>
      <Text size="sm" mt="xs">
        {acknowledgements.length > 0 || waiting.length > 0 ? t('confirmed') : t('nobodyToConfirm')}
      </Text>
      <ul>
        {acknowledgements.map(({ acked_at: at, node }) => (
          <li key={node}>{t('confirmedAt', { node: nameOf(node), date: time(at) })}</li>
        ))}
      </ul>
      {waiting.length > 0 ? (
        <Text>{t('notConfirmed', { nodes: list(waiting.map(nameOf), language) })}</Text>
      ) : null}
    </>
  );
}
