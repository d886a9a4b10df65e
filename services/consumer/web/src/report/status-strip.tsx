import { Text } from '@mantine/core';
import { useWords } from '../language.tsx';
import { en, type Messages } from '../messages/en.ts';
import { useMemberNames } from '../parts/names.ts';
import type { BureauRow } from './own-report.ts';
import { Day, ReportTable, Section } from './section.tsx';

const told: ReadonlySet<string> = new Set(['answered', 'empty', 'not_found']);
const running: ReadonlySet<string> = new Set(['waiting', 'asking']);
const isMessage = (key: string): key is keyof Messages => Object.hasOwn(en, key);

/** One row per bureau in scope, while it runs and afterwards: never silence (ux 1.1). */
export function StatusStrip({ rows }: { readonly rows: readonly BureauRow[] }) {
  const { t } = useWords();
  const nameOf = useMemberNames();
  const missing = rows.some(({ state }) => !told.has(state) && !running.has(state));
  const label = t('reportWho');
  const heads = (['reportBureau', 'reportOutcome', 'reportRecords', 'reportAsOf'] as const).map((key) =>
    t(key),
  );
  return (
    <Section title={label}>
      <ReportTable
        label={label}
        heads={heads}
        rows={rows.map((row) => ({
          key: row.bureau,
          cells: [
            nameOf(row.bureau),
            <State key="state" row={row} />,
            row.records ?? '',
            <Day key="day">{row.as_of}</Day>,
          ],
        }))}
      />
      {missing ? (
        <Text size="sm" fw={600} mt="xs">
          {t('reportIncomplete')}
        </Text>
      ) : null}
    </Section>
  );
}

function State({ row: { code, state } }: { readonly row: BureauRow }) {
  const { t } = useWords();
  const key = `reportOutcome_${state}`;
  const kind = told.has(state) || running.has(state) ? '' : 'report-chip-bad';
  return (
    <>
      <span className={`report-chip ${kind}`}>{isMessage(key) ? t(key) : state}</span>
      {code === undefined ? null : <Text size="xs">{code}</Text>}
    </>
  );
}
