import { Anchor, Card, Text } from '@mantine/core';
import { Link } from 'wouter';
import type { AdverseAction } from '../api-disputes.ts';
import { useWords } from '../language.tsx';
import { list, useMemberNames } from './names.ts';

/** What a lender decided, on which report and why, and what the person can do about it. */
export function AdverseCard({ action }: { readonly action: AdverseAction }) {
  const { language, t, time } = useWords();
  const nameOf = useMemberNames();
  const { at, decision, factors, lender, report, report_checked: checked } = action;
  return (
    <Card component="article" withBorder mb="sm" padding="sm">
      <Text component="time" dateTime={at} size="sm">
        {time(at)}
      </Text>
      <Text fw={600}>{t(`adverseLine_${decision}`, { lender: nameOf(lender) })}</Text>
      <Text size="sm">{t('adverseFactors', { factors: list(factors, language) })}</Text>
      <Text size="sm" className="breaks">
        {t('adverseReport', { report })}
      </Text>
      <Text size="sm">{t(`late_report_${checked}`)}</Text>
      <Text size="sm" mt="xs">
        {t('adverseRight')}
      </Text>
      <Anchor component={Link} href={`/disputes/new?report=${encodeURIComponent(report)}`}>
        {t('disputesNew')}
      </Anchor>
    </Card>
  );
}
