import { Button, Card, Group, Text, Title } from '@mantine/core';
import { useWords } from '../language.tsx';
import { Accounts } from './accounts.tsx';
import {
  Agreements,
  Inquiries,
  Obligations,
  OtherRecords,
  Postpaid,
  PublicRecords,
  Statements,
  Watchlist,
} from './further.tsx';
import { Identity } from './identity.tsx';
import type { OwnReport, ReportContent } from './own-report.ts';
import { Scores } from './scores.tsx';
import { Facts } from './section.tsx';
import { StatusStrip } from './status-strip.tsx';
import { Summary } from './summary.tsx';
import { ShownReport } from './wrong-link.tsx';

interface Props {
  readonly own: OwnReport;
  readonly report: ReportContent;
}

/** The report in the order of the PBOC's second generation, in both languages. */
export function ShowReport({ own, report }: Props) {
  const { merged } = report;
  return (
    <ShownReport value={{ digest: report.digest, origins: own.origins ?? {} }}>
      <article className="report" aria-labelledby="report-title">
        <Head own={own} report={report} />
        <StatusStrip rows={own.bureaus} />
        <Identity profiles={merged.profiles} />
        <Summary report={report} />
        <Scores scores={merged.scores ?? []} />
        <Accounts report={report} />
        <Agreements merged={merged} />
        <Obligations merged={merged} />
        <Postpaid merged={merged} />
        <PublicRecords merged={merged} />
        <Watchlist merged={merged} />
        <OtherRecords merged={merged} />
        <Statements merged={merged} />
        <Inquiries merged={merged} />
      </article>
    </ShownReport>
  );
}

function Head({ own, report }: Props) {
  const { t, time } = useWords();
  return (
    <Card withBorder padding="sm">
      <Group justify="space-between" gap="xs">
        <Title order={3} id="report-title">
          {t('reportTitle')}
        </Title>
        <Button variant="default" size="xs" onClick={() => print()}>
          {t('reportPrint')}
        </Button>
      </Group>
      <Facts
        facts={[
          [t('reportNo'), report.number],
          [t('reportAskedAt'), time(own.asked_at)],
          [t('reportMadeAt'), time(report.made_at)],
          [t('reportVersion'), report.version],
        ]}
      />
      <Text size="sm">{t('reportNumber', { number: own.number, free: own.free_per_year })}</Text>
      {own.kept_until === undefined ? null : (
        <Text size="sm" className="report-on-screen">
          {t('reportKept', { date: time(own.kept_until) })}
        </Text>
      )}
    </Card>
  );
}
