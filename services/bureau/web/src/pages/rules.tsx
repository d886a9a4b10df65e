import { Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, type Rules } from '../api.ts';
import { useWords } from '../language.tsx';
import { RuleLink } from '../parts/batch-figures.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { RejectionTrend } from '../parts/rejection-trend.tsx';
import { ScrollTable } from '../parts/scroll-table.tsx';

const parts = ['completeness', 'timeliness', 'validity', 'consistency'] as const;

/** The rules by which files are taken, and how good what came was (ux B4). */
export function RulesPage() {
  const query = useQuery({ queryKey: ['rules'], queryFn: api.rules });
  return (
    <Loaded query={query}>
      {(rules) => (
        <>
          <LastBatches batches={rules.batches} />
          <Trend trend={rules.trend} />
          <AllRules rules={rules} />
        </>
      )}
    </Loaded>
  );
}

function LastBatches({ batches }: { readonly batches: Rules['batches'] }) {
  const { t } = useWords();
  return (
    <>
      <Title order={2} my="sm">
        {t('pub_trendTitle')}
      </Title>
      <RejectionTrend
        label={t('pub_trendTitle')}
        points={batches.map(({ lines, mapping_name: name, rules, started_at: at }) => ({
          ...{ at, name, lines },
          count: Object.values(rules).reduce((sum, n) => sum + n, 0),
        }))}
      />
    </>
  );
}

function Trend({ trend }: { readonly trend: Rules['trend'] }) {
  const { t } = useWords();
  const points = (value: number | null): string => (value === null ? '–' : String(value));
  return (
    <>
      <Title order={2} my="sm">
        {t('trendTitle')}
      </Title>
      <ScrollTable
        label={t('trendTitle')}
        head={[t('month'), t('provider'), t('index'), ...parts.map((part) => t(part))]}
        rows={trend.map(({ components, index, month, provider }) => [
          ...[month, provider, points(index)],
          ...parts.map((part) => points(components[part])),
        ])}
        none={t('noTrend')}
      />
    </>
  );
}

function AllRules({ rules: { pack, rules } }: { readonly rules: Rules }) {
  const { language, t } = useWords();
  const tongue = language === 'en' ? 'en' : 'zh';
  return (
    <>
      <Title order={2} my="sm">
        {t('rulesTitle')}
      </Title>
      <Text size="sm" className="digest">
        {t('pack', { pack })}
      </Text>
      <ScrollTable
        label={t('rulesTitle')}
        head={[t('rule'), t('severity'), t('what'), t('fix')]}
        rows={rules.map(({ fix, id, severity, what }) => [
          <RuleLink key="id" rule={id} />,
          t(`severity_${severity}`),
          what[tongue],
          fix[tongue],
        ])}
        none={t('noRules')}
      />
    </>
  );
}
