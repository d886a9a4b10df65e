import { Card, Group, Text } from '@mantine/core';
import type { Conflict, MergedAccount } from '@causeway/records/report';
import { useWords } from '../language.tsx';
import { list, useMemberNames } from '../parts/names.ts';
import { amountText } from './amount.ts';
import { Marks } from './marks.tsx';
import type { ReportContent } from './own-report.ts';
import { PaymentGrid } from './payment-grid.tsx';
import { Facts, Section } from './section.tsx';
import { wordFor } from './vocabulary.ts';
import { WrongLink } from './wrong-link.tsx';

const dates = ['opened', 'due', 'closed', 'last_paid_on'] as const;
const amounts = [
  ...(['original', 'limit', 'balance', 'used', 'scheduled_due', 'actual_paid', 'overdue_total'] as const),
];
const counts = ['term_count', 'remaining_terms', 'overdue_terms'] as const;
type Told = (typeof dates | typeof amounts | typeof counts)[number];
const isAmount: ReadonlySet<string> = new Set(amounts);

/** Every account once, with the bureaus that report it and what they disagree on. */
export function Accounts({ report: { conflicts, merged } }: { readonly report: ReportContent }) {
  const { t } = useWords();
  return (
    <Section title={t('reportAccounts')} empty={merged.accounts.length === 0}>
      {merged.accounts.map((account, at) => (
        <Account
          key={keyOf(account)}
          account={account}
          n={at + 1}
          conflicts={conflicts.filter((one) => isAbout(one, account))}
        />
      ))}
    </Section>
  );
}

const keyOf = ({ record_id: id, sources: [first] }: MergedAccount): string => `${first?.bureau} ${id}`;

/** A conflict names its debt, or its records. */
function isAbout(conflict: Conflict, { same_debt, sources }: MergedAccount): boolean {
  if (conflict.same_debt !== undefined) return conflict.same_debt === same_debt;
  return conflict.values.some(({ bureau, record_id }) =>
    sources.some((source) => source.bureau === bureau && source.record_id === record_id),
  );
}

interface Props {
  readonly account: MergedAccount;
  readonly n: number;
  readonly conflicts: readonly Conflict[];
}

function Account({ account, conflicts, n }: Props) {
  const { language, t } = useWords();
  const nameOf = useMemberNames();
  const { currency, sources, status } = account;
  const title = t('reportAccount', { n, type: wordFor('account_type', account.type, language) });
  const bureaus = list([...new Set(sources.map(({ bureau }) => nameOf(bureau)))], language);
  return (
    <Card component="article" withBorder padding="sm" mb="sm" className="report-row" aria-label={title}>
      <Group justify="space-between" gap="xs">
        <Text fw={600}>{title}</Text>
        <span className="report-chip">{wordFor('account_status', status, language)}</span>
      </Group>
      <Text size="sm">{t('reportFrom', { bureaus })}</Text>
      {account.same_debt === undefined ? null : <Text size="sm">{t('reportSameDebt')}</Text>}
      <Marks record={account} />
      <Facts facts={factsOf(account, language)} />
      {conflicts.map((conflict) => (
        <ConflictLine key={conflict.field} conflict={conflict} currency={currency} />
      ))}
      <PaymentGrid history={account.history} currency={currency} what={title} />
      <WrongLink sources={sources} what={title} />
    </Card>
  );
}

/** What the account says; what nobody reported is left out, and is no zero. */
function factsOf(account: MergedAccount, language: Parameters<typeof wordFor>[2]) {
  const name = (field: string): string => wordFor('account_field', field, language);
  const { class5, currency } = account;
  const stated = (keys: readonly Told[], text: (value: string) => string) =>
    keys.flatMap((key) => {
      const value = account[key];
      return value === undefined ? [] : [[name(key), text(String(value))] as const];
    });
  return [
    ...stated(dates, (value) => value),
    ...stated(amounts, (value) => amountText(value, currency, language)),
    ...stated(counts, (value) => value),
    ...(class5 === undefined ? [] : [[name('class5'), wordFor('class5', class5, language)] as const]),
  ];
}

function ConflictLine({ conflict, currency }: { readonly conflict: Conflict; readonly currency: string }) {
  const { language, t } = useWords();
  const nameOf = useMemberNames();
  const { field, values } = conflict;
  const shown = (value: string | number | boolean): string => {
    const text = String(value);
    if (isAmount.has(field)) return amountText(text, currency, language);
    return field === 'status' ? wordFor('account_status', text, language) : text;
  };
  const said = values.map(({ bureau, value }) =>
    t('reportSays', { bureau: nameOf(bureau), value: shown(value) }),
  );
  return (
    <Text size="sm" className="report-conflict">
      {t('reportConflict', {
        field: wordFor('account_field', field, language),
        values: list(said, language),
      })}
    </Text>
  );
}
