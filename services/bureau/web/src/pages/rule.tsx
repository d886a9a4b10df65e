import { Anchor, Badge, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from 'wouter';
import { api, type Rules } from '../api.ts';
import { useWords } from '../language.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { RejectionTrend } from '../parts/rejection-trend.tsx';

/** The page of one rule: what is wrong, what to do, and how often it spoke (ux B4). */
export function RulePage() {
  const { t } = useWords();
  const rule = new URLSearchParams(useSearch()).get('rule') ?? '';
  const query = useQuery({ queryKey: ['rules'], queryFn: api.rules });
  return (
    <>
      <Title order={2} my="sm">
        {t('pub_rulePage', { rule })}
      </Title>
      <Loaded query={query}>{(rules) => <OneRule rule={rule} rules={rules} />}</Loaded>
      <Text mt="md">
        <Anchor component={Link} href="/rules">
          {t('pub_allRules')}
        </Anchor>
      </Text>
    </>
  );
}

function OneRule({ rule, rules }: { readonly rule: string; readonly rules: Rules }) {
  const { language, t } = useWords();
  const found = rules.rules.find(({ id }) => id === rule);
  const tongue = language === 'en' ? 'en' : 'zh';
  if (found === undefined) return <Text>{t('pub_noRule')}</Text>;
  return (
    <>
      <Badge variant="default">{t(`severity_${found.severity}`)}</Badge>
      <Title order={3} size="h5" mt="sm">
        {t('what')}
      </Title>
      <Text>{found.what[tongue]}</Text>
      <Title order={3} size="h5" mt="sm">
        {t('fix')}
      </Title>
      <Text>{found.fix[tongue]}</Text>
      <Text size="sm" mt="sm" className="digest">
        {t('pack', { pack: rules.pack })}
      </Text>
      <Title order={3} size="h5" mt="md">
        {t('pub_trendOf')}
      </Title>
      <RejectionTrend
        label={t('pub_trendOf')}
        points={rules.batches.map(({ lines, mapping_name: name, rules: counts, started_at: at }) => ({
          ...{ at, name, lines, count: counts[rule] ?? 0 },
        }))}
      />
    </>
  );
}
