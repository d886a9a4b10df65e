import { Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useWords } from '../language.tsx';

interface Props {
  readonly title: string;
  /** Nothing to show is said, never left out. */
  readonly empty?: boolean;
  readonly children?: ReactNode;
}

/** A part of the report under its heading. */
export function Section({ children, empty = false, title }: Props) {
  const { t } = useWords();
  return (
    <section className="report-section" aria-label={title}>
      <Title order={3} size="h4" mt="lg" mb="xs">
        {title}
      </Title>
      {empty ? <Text size="sm">{t('reportNone')}</Text> : children}
    </section>
  );
}

interface TableProps {
  readonly label: string;
  readonly heads: readonly string[];
  readonly rows: readonly { readonly key: string; readonly cells: readonly ReactNode[] }[];
  /** The last column holds links, which paper does not need. */
  readonly links?: boolean;
}

/** A table that scrolls by itself where it is wider than the page, and repeats its head on paper. */
export function ReportTable({ heads, label, links = false, rows }: TableProps) {
  return (
    <div className="report-scroll" role="region" aria-label={label} tabIndex={0}>
      <table className={links ? 'report-table report-table-links' : 'report-table'}>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ cells, key }) => (
            <tr key={key}>
              {cells.map((cell, at) => (
                <td key={heads[at]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A date in a table, which is not broken. */
export function Day({ children }: { readonly children: ReactNode }) {
  return <span className="report-day">{children}</span>;
}

interface FactsProps {
  readonly facts: readonly (readonly [name: string, value: ReactNode])[];
}

/** Names and values beside each other. */
export function Facts({ facts }: FactsProps) {
  return (
    <dl className="report-facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
