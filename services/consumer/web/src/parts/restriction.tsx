import { Anchor, Card, Text } from '@mantine/core';
import { Link } from 'wouter';
import type { Freeze } from '../api.ts';
import { useWords } from '../language.tsx';
import { Confirmations } from './confirmations.tsx';

interface Props {
  readonly freeze: Freeze;
  /** Whether it is the person's own: nobody takes the wish back for another. */
  readonly own: boolean;
}

/** A freeze that stands because the person wants to be erased: what it means, and where it is taken back. */
export function Restriction({ freeze, own }: Props) {
  const { t } = useWords();
  return (
    <Card withBorder mb="md">
      <Text fw={600} role="status">
        {t('restrictionOn')}
      </Text>
      <Text mt="xs">{t('restrictionMeans')}</Text>
      <Text mt="xs">{t('restrictionNoThaw')}</Text>
      {own ? (
        <Anchor component={Link} href="/settings" mt="xs">
          {t('restrictionTakeBack')}
        </Anchor>
      ) : null}
      <Confirmations freeze={freeze} />
    </Card>
  );
}
