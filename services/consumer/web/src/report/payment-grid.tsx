import { Text } from '@mantine/core';
import { type RepaymentHistory, type RepaymentMonth, unpackHistory } from '@causeway/records/repayment';
import { useWords } from '../language.tsx';
import { amountText } from './amount.ts';
import { ReportTable } from './section.tsx';
import { wordFor } from './vocabulary.ts';

const shownMonths = 24;
const cell = { width: 26, height: 24, gap: 2 };
const labelWidth = 40;
const late = /^(past_due_\d|bad_debt|guarantor_paid|asset_settled|late_same_month)$/u;
const good: ReadonlySet<string> = new Set(['on_time', 'not_due', 'no_bill_this_month', 'closed_settled']);

/** A month as it is drawn: its own character, so that nothing is told by colour alone. */
interface Drawn extends RepaymentMonth {
  readonly code: string;
  readonly overdue: string | undefined;
}

interface Props {
  readonly history: RepaymentHistory | undefined;
  readonly currency: string;
  readonly what: string;
}

/** Two years of payments, a row per calendar year as in the report of the PBOC; and the same as a table. */
export function PaymentGrid({ currency, history, what }: Props) {
  const { t } = useWords();
  if (history === undefined) return <Text size="sm">{t('reportNoMonths')}</Text>;
  const months = monthsOf(history).slice(-shownMonths);
  const words = t('reportMonths', {
    to: history.to,
    good: months.filter(({ state }) => good.has(state)).length,
    late: months.filter(({ state }) => late.test(state)).length,
  });
  return (
    <figure className="report-grid">
      <figcaption>{words}</figcaption>
      <Grid months={months} label={`${what}. ${words}`} />
      <details>
        <summary>{t('reportMonthsTable')}</summary>
        <MonthsTable months={months} currency={currency} label={`${what}. ${t('reportMonthsTable')}`} />
      </details>
    </figure>
  );
}

function monthsOf(history: RepaymentHistory): Drawn[] {
  const { overdue = [], states } = history;
  const missing = states.length - overdue.length;
  return unpackHistory(history).map((month, at) => ({
    ...month,
    code: states[at] ?? '#',
    overdue: missing === 0 ? overdue[at] : undefined,
  }));
}

function Grid({ label, months }: { readonly months: readonly Drawn[]; readonly label: string }) {
  const years = [...new Set(months.map(({ month }) => month.slice(0, 4)))];
  const [stepX, stepY] = [cell.width + cell.gap, cell.height + cell.gap];
  return (
    <svg
      viewBox={`0 0 ${labelWidth + 12 * stepX} ${(years.length + 1) * stepY}`}
      role="img"
      aria-label={label}
      className="report-months"
    >
      {Array.from({ length: 12 }, (_, at) => (
        <text key={at} x={labelWidth + at * stepX + cell.width / 2} y={16} className="report-axis">
          {at + 1}
        </text>
      ))}
      {years.map((year, row) => (
        <text key={year} x={labelWidth / 2} y={(row + 1) * stepY + 16} className="report-axis">
          {year}
        </text>
      ))}
      {months.map((month) => {
        const x = labelWidth + (Number(month.month.slice(5, 7)) - 1) * stepX;
        const y = (years.indexOf(month.month.slice(0, 4)) + 1) * stepY;
        return (
          <g key={month.month} className={classOf(month.state)}>
            <rect x={x} y={y} width={cell.width} height={cell.height} rx={3} />
            <text x={x + cell.width / 2} y={y + 16}>
              {month.code}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

function classOf(state: string): string {
  if (late.test(state)) return 'report-late';
  return good.has(state) ? 'report-good' : 'report-open';
}

function MonthsTable({
  currency,
  label,
  months,
}: {
  readonly months: readonly Drawn[];
  readonly currency: string;
  readonly label: string;
}) {
  const { language, t } = useWords();
  const heads = [t('reportMonth'), t('reportMonthState'), t('reportMonthOverdue')];
  const rows = months.toReversed().map(({ code, month, overdue, state }) => ({
    key: month,
    cells: [
      month,
      `${code} ${wordFor('month', state, language)}`,
      overdue === undefined ? '' : amountText(overdue, currency, language),
    ],
  }));
  return <ReportTable label={label} heads={heads} rows={rows} />;
}
