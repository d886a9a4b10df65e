import { Alert, Button, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { CheckedHistory } from '../check/check-history.ts';
import { useWords } from '../language.tsx';
import { list, useMemberNames } from './names.ts';

interface Props {
  readonly onChecked: (checked: CheckedHistory) => void;
}

/** Has the history proven by this page itself, and says in three sentences what came of it (ux C7). */
export function CheckPanel({ onChecked }: Props) {
  const { t } = useWords();
  const check = useMutation({
    // What checks is loaded when it is wanted: it is as large as half of the portal.
    mutationFn: async (nowMs: number) =>
      await (await import('../check/check-history.ts')).checkHistory(nowMs),
    onSuccess: onChecked,
  });
  return (
    <>
      <Button
        variant="default"
        mb="sm"
        loading={check.isPending}
        onClick={({ timeStamp }) => check.mutate(performance.timeOrigin + timeStamp)}
      >
        {t('check')}
      </Button>
      <div role="status">{check.data ? <Findings checked={check.data} /> : null}</div>
      {check.isError ? (
        <Alert role="alert" color="red" mb="sm" title={t('checkFailed')}>
          {isAnother(check.error) ? t('anotherFederation') : check.error.message}
        </Alert>
      ) : null}
    </>
  );
}

/** By its code: the class itself is in the part that is loaded later. */
const isAnother = (error: Error): boolean => 'code' in error && error.code === 'another_federation';

function Findings({ checked: { anchor, first, lines } }: { readonly checked: CheckedHistory }) {
  const { language, t } = useWords();
  const nameOf = useMemberNames();
  const proven = lines.flatMap((line) => (line.state === 'proven' ? [line.proven] : []));
  const wrong = lines.filter(({ state }) => state === 'failed' || state === 'overdue').length;
  const witnesses = new Set(proven.flatMap((leaf) => leaf.witnesses.map(({ member }) => member)));
  const young = lines.length - proven.filter(({ witnessed }) => witnessed).length;
  return (
    <Alert
      color={wrong === 0 ? 'indigo' : 'red'}
      mb="sm"
      title={t(wrong === 0 ? 'checkHolds' : 'checkWrong')}
    >
      <Text size="sm">{t('checkLines', { proven: proven.length, all: lines.length, wrong })}</Text>
      <Text size="sm">
        {t('checkWitnesses', { names: list([...witnesses].map(nameOf), language), young })}
      </Text>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {t(first ? 'checkAnchorFirst' : 'checkAnchorSame', { anchor })}
      </Text>
    </Alert>
  );
}
