import { Anchor, Badge, Card, Group, Text } from '@mantine/core';
import type { Access, LineProof } from '@causeway/sdk/page';
import { useWords } from '../language.tsx';
import { en, type Messages } from '../messages/en.ts';
import { categoryNames, list, purposeName, useMemberNames } from './names.ts';

interface Props {
  readonly line: Access;
  /** What this browser has found out about it, where it was asked to. */
  readonly checked?: LineProof['state'] | undefined;
}

/** One look in plain words, why it is here, and its proof. */
export function AccessLine({ line, checked }: Props) {
  const { day, language, t, time } = useWords();
  const nameOf = useMemberNames();
  const lender = nameOf(line.lender);
  const granted = line.outcome === 'granted';
  const own = line.purpose === 'OWN_ENQUIRY';
  const values = { lender, purpose: purposeName(line.purpose, language) };
  return (
    <Card component="article" withBorder mb="sm" padding="sm">
      <Group justify="space-between" gap="xs">
        <Text component="time" dateTime={line.at} size="sm">
          {line.at.length === 10 ? day(line.at) : time(line.at)}
        </Text>
        <Group gap="xs">
          {checked === 'proven' ? <Badge variant="outline">{t('lineProven')}</Badge> : null}
          {checked === 'failed' ? (
            <Badge variant="outline" color="red">
              {t('lineFailed')}
            </Badge>
          ) : null}
          <Badge variant="outline" color={granted ? 'indigo' : 'red'}>
            {t(granted ? 'granted' : 'refused')}
          </Badge>
        </Group>
      </Group>
      <Text fw={600} my={4}>
        {t(own ? 'lineOwn' : granted ? 'lineGranted' : 'lineRefused', values)}
      </Text>
      {line.named_as === undefined ? null : <Text size="sm">{t(`late_named_${line.named_as}`)}</Text>}
      {line.embargo === undefined ? null : <Text size="sm">{t('late_line', line.embargo)}</Text>}
      {granted ? (
        <Text size="sm">{t('from', { bureaus: list(line.bureaus.map(nameOf), language) })}</Text>
      ) : null}
      <Text size="sm">{t('what', { categories: categoryNames(line.categories, language) })}</Text>
      <details>
        <summary>{t('lineWhy')}</summary>
        <Text size="sm" mt={4}>
          {granted
            ? t(own ? 'whyOwn' : line.embargo === undefined ? 'whyGranted' : 'late_why', { lender })
            : t('whyRefused', { reason: reasonOf(line.code, t) })}
        </Text>
        <Proof line={line} />
      </details>
    </Card>
  );
}

function reasonOf(code = '', t: ReturnType<typeof useWords>['t']): string {
  const key = `reason_${code}`;
  return isMessage(key) ? t(key) : t('reason_other', { code });
}

const isMessage = (key: string): key is keyof Messages => Object.hasOwn(en, key);

/** The proof file as a download; nothing is sent for it. */
function Proof({ line }: { readonly line: Access }) {
  const { t } = useWords();
  const nameOf = useMemberNames();
  if (line.proof === null) {
    const words =
      line.proof_absent === 'other_ledger'
        ? t('proofElsewhere', { member: nameOf(line.decided_by) })
        : t('proofPending');
    return (
      <Text size="sm" mt={4}>
        {words}
      </Text>
    );
  }
  const href = `data:text/plain;charset=utf-8,${encodeURIComponent(line.proof)}`;
  return (
    <Text size="sm" mt={4}>
      <Anchor href={href} download={`${line.id}.tlog-proof`}>
        {t('proofSave')}
      </Anchor>
    </Text>
  );
}
