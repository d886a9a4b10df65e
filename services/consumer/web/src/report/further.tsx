import type { ReactNode } from 'react';
import type { MergedFile, Source } from '@causeway/records/report';
import { type Language, useWords } from '../language.tsx';
import type { Messages } from '../messages/en.ts';
import { list, purposeName, useMemberNames } from '../parts/names.ts';
import { amountText } from './amount.ts';
import { Marks } from './marks.tsx';
import { Day, ReportTable, Section } from './section.tsx';
import { wordFor } from './vocabulary.ts';
import { WrongLink } from './wrong-link.tsx';

/** What all rows have, whatever they are about. */
interface Row {
  readonly record_id: string;
  readonly as_of: string;
  readonly sources: readonly Source[];
  readonly marks?: MergedFile['accounts'][number]['marks'];
}

interface Props<T extends Row> {
  readonly title: keyof Messages;
  readonly rows: readonly T[] | undefined;
  /** A row in one line. */
  readonly line: (row: T, language: Language) => readonly (string | undefined)[];
}

/** Records that no two bureaus can mean in common: one row each, with its bureau. */
function Rows<T extends Row>({ line, rows = [], title }: Props<T>) {
  const { language, t } = useWords();
  const nameOf = useMemberNames();
  const heads = [t('reportBureau'), t(title), t('reportAsOf'), t('reportWrong')];
  return (
    <Section title={t(title)} empty={rows.length === 0}>
      <ReportTable
        label={t(title)}
        heads={heads}
        links
        rows={rows.map((row) => {
          const { as_of: day, record_id: id, sources } = row;
          const what = line(row, language)
            .filter((part) => part !== undefined && part !== '')
            .join(', ');
          const cells: ReactNode[] = [
            list(
              sources.map(({ bureau }) => nameOf(bureau)),
              language,
            ),
            <Words key="what" what={what} row={row} />,
            <Day key="day">{day}</Day>,
            <WrongLink key="wrong" sources={sources} what={what} />,
          ];
          return { key: `${sources[0]?.bureau} ${id}`, cells };
        })}
      />
    </Section>
  );
}

function Words({ row, what }: { readonly row: Row; readonly what: string }) {
  return (
    <>
      {what}
      <Marks record={row.marks === undefined ? {} : { marks: row.marks }} />
    </>
  );
}

const money = (minor: string | undefined, currency: string | undefined, language: Language) =>
  minor === undefined || currency === undefined ? undefined : amountText(minor, currency, language);

type Merged = { readonly merged: MergedFile };

/** Agreements and the debts of others, which stand with the accounts in the report of the PBOC. */
export function Agreements({ merged: { facilities, liabilities } }: Merged) {
  return (
    <>
      <Rows
        title="reportAgreements"
        rows={facilities}
        line={({ currency, kind, limit, used, valid_to: until }, language) => [
          wordFor('facility_kind', kind, language),
          money(limit, currency, language),
          money(used, currency, language),
          until,
        ]}
      />
      <Rows
        title="reportLiabilities"
        rows={liabilities}
        line={({ balance, currency, responsibility, role }, language) => [
          wordFor('role', role, language),
          money(responsibility, currency, language),
          money(balance, currency, language),
        ]}
      />
    </>
  );
}

/** What the paying account sees: where it pays a debt that a bureau reports, that counts once. */
export function Obligations({ merged: { obligations } }: Merged) {
  const { t } = useWords();
  return (
    <Rows
      title="reportObligations"
      rows={obligations}
      line={({ frequency, instalment, kind, opened, same_debt: same }, language) => [
        wordFor('obligation_kind', kind, language),
        money(instalment.amount_minor, instalment.currency, language),
        wordFor('frequency', frequency, language),
        opened,
        same === undefined ? undefined : t('reportSameDebt'),
      ]}
    />
  );
}

export function Postpaid({ merged: { postpaid } }: Merged) {
  return (
    <Rows
      title="reportPostpaid"
      rows={postpaid}
      line={({ arrears, sector, status }, language) => [
        wordFor('sector', sector, language),
        wordFor('postpaid_status', status, language),
        money(arrears?.amount_minor, arrears?.currency, language),
      ]}
    />
  );
}

export function PublicRecords({ merged: { public_records: rows } }: Merged) {
  return (
    <Rows
      title="reportPublic"
      rows={rows}
      line={(row, language) => [
        wordFor('public_kind', row.kind, language),
        row.authority,
        row.case_no,
        row.decided_on ?? row.filed_on,
        money(row.amount_claimed, row.currency, language),
        row.result,
      ]}
    />
  );
}

export function Statements({ merged: { annotations } }: Merged) {
  return (
    <Rows
      title="reportStatements"
      rows={annotations}
      line={({ added_on: day, kind, text }, language) => [wordFor('mark', kind, language), text, day]}
    />
  );
}

/** Who asked the bureaus themselves, hard and soft. */
export function Inquiries({ merged: { inquiries } }: Merged) {
  const { t } = useWords();
  return (
    <Rows
      title="reportInquiries"
      rows={inquiries}
      line={({ kind, on, purpose, requester_ref: requester }, language) => [
        on,
        purposeName(purpose, language),
        requester,
        t(`reportInquiryKind_${kind}`),
      ]}
    />
  );
}

export function Watchlist({ merged: { watchlist } }: Merged) {
  return (
    <Rows
      title="reportWatchlist"
      rows={watchlist}
      line={({ occurred, risk_type: type, sector, statement }) => [
        sector.replaceAll('_', ' '),
        type.replaceAll('_', ' '),
        occurred,
        statement,
      ]}
    />
  );
}

const others = [...(['account_events', 'conditional', 'ratings', 'relations', 'statements'] as const)];

/** What has no place of its own on this page is shown all the same, as the record has it. */
export function OtherRecords({ merged }: Merged) {
  const rows = others.flatMap((name): readonly (Row & { record: string })[] => merged[name] ?? []);
  if (rows.length === 0) return null;
  return (
    <Rows title="reportOther" rows={rows} line={(row) => [row.record.replaceAll('_', ' '), ...plain(row)]} />
  );
}

const frame: ReadonlySet<string> = new Set([
  ...[
    'record',
    'category',
    'record_id',
    'source_record_id',
    'as_of',
    'sources',
    'marks',
    'native',
    'native_ext',
  ],
  ...[
    'batch',
    'basis',
    'version',
    'reported_on',
    'native_scheme',
    'absent',
    'retention_rule',
    'display_state',
  ],
]);

function plain(row: object): string[] {
  return Object.entries(row).flatMap(([name, value]: [string, unknown]) => {
    const said = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    return said && !frame.has(name) ? [`${name.replaceAll('_', ' ')} ${String(value)}`] : [];
  });
}
