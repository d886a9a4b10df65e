import { Anchor } from '@mantine/core';
import { Link } from 'wouter';
import type { BatchDetail } from '../api.ts';
import { useWords } from '../language.tsx';
import { ScrollTable } from './scroll-table.tsx';

interface Counted {
  /** Left out where only lines are counted. */
  readonly bytes?: number;
  readonly lines: number;
  readonly accepted: number;
  readonly warnings: number;
  readonly rejected: number;
}

/** Sent, read, accepted, rejected: three outcomes of a line and not two. */
export function Funnel({ accepted, bytes, lines, rejected, warnings }: Counted) {
  const { language, t } = useWords();
  const number = new Intl.NumberFormat(language);
  const steps = [
    ...(bytes === undefined ? [] : [[t('sent'), t('bytes', { n: bytes })] as const]),
    [t('parsed'), number.format(lines)],
    [t('accepted'), number.format(accepted)],
    [t('warned'), number.format(warnings)],
    [t('rejected'), number.format(rejected)],
  ] as const;
  return (
    <dl className="funnel" aria-label={t('funnel')}>
      {steps.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface RulesProps {
  readonly rules: BatchDetail['rules'];
  /** As of a link to a rule. */
  readonly aside?: boolean;
}

/** Which rules spoke, how often; each leads to its page. */
export function RulesTable({ aside = false, rules }: RulesProps) {
  const { language, t } = useWords();
  const tongue = language === 'en' ? 'en' : 'zh';
  return (
    <ScrollTable
      label={t('rulesThatSpoke')}
      head={[t('rule'), t('lines'), t('severity'), t('what'), t('fix')]}
      rows={rules.map(({ fix, lines, rule, severity, what }) => [
        <RuleLink key="rule" rule={rule} aside={aside} />,
        lines,
        severity ? t(`severity_${severity}`) : '',
        what?.[tongue] ?? '',
        fix?.[tongue] ?? '',
      ])}
      none={t('noRules')}
    />
  );
}

interface RuleLinkProps {
  readonly rule: string;
  /** For pages with something that leaving them would lose. */
  readonly aside?: boolean;
}

/** The page of a rule. */
export function RuleLink({ aside = false, rule }: RuleLinkProps) {
  const href = `/rules/one?${new URLSearchParams({ rule }).toString()}`;
  const name = <code>{rule}</code>;
  return aside ? (
    <Anchor href={`/console${href}`} target="_blank" rel="noopener" underline="always">
      {name}
    </Anchor>
  ) : (
    <Anchor component={Link} underline="always" href={href}>
      {name}
    </Anchor>
  );
}
