import { Card, Text } from '@mantine/core';
import type { ExposureGroup } from '@causeway/records/report';
import { useWords } from '../language.tsx';
import { amountText } from './amount.ts';
import type { ReportContent } from './own-report.ts';
import { Facts, Section } from './section.tsx';

/** The numbers of the whole file; there is no rate between two currencies, so each has its own. */
export function Summary({ report: { exposure, merged } }: { readonly report: ReportContent }) {
  const { t } = useWords();
  const counts = {
    accounts: merged.accounts.length,
    records: merged.public_records?.length ?? 0,
    inquiries: merged.inquiries.length,
  };
  return (
    <Section title={t('reportSummary')}>
      <Text size="sm">{t('reportHowMany', counts)}</Text>
      {exposure.lower_bound ? (
        <Text size="sm" fw={600}>
          {t('reportAtLeast')}
        </Text>
      ) : null}
      {exposure.groups.map((group) => (
        <Group key={group.currency} group={group} />
      ))}
    </Section>
  );
}

function Group({ group }: { readonly group: ExposureGroup }) {
  const { language, t } = useWords();
  const { currency, not_stated: missing } = group;
  const amount = (minor: string, absent: number): string => {
    if (absent > 0 && absent >= group.open_accounts) return t('reportNotStated', { count: absent });
    const text = amountText(minor, currency, language);
    return absent > 0 ? `${text} (${t('reportNotStated', { count: absent })})` : text;
  };
  return (
    <Card withBorder padding="sm" mt="xs">
      <Facts
        facts={[
          [t('reportOpenAccounts'), group.open_accounts],
          [t('reportLenders'), group.lender_count],
          [t('reportBalance'), amount(group.total_balance, missing.balance)],
          [t('reportLimit'), amount(group.total_limit, 0)],
          [t('reportMonthly'), amount(group.monthly_due, missing.monthly_due)],
          [t('reportOverdue'), amount(group.overdue_now, missing.overdue)],
        ]}
      />
    </Card>
  );
}
