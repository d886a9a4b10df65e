import type { DeliveredReport } from '@causeway/sdk';
import { table } from './table.ts';

type Claims = DeliveredReport['report']['claims'];

/** A row of a report with where it comes from, and its sources' own codes. */
interface NativeRow {
  readonly record: string;
  readonly sources: readonly string[];
  readonly scheme: string;
  readonly codes: Readonly<Record<string, string>>;
}

/** What every row of a merged file may carry. */
interface Row {
  readonly record: string;
  readonly sources: readonly { readonly bureau: string; readonly record_id: string }[];
  readonly native?: Readonly<Record<string, string>>;
  readonly native_scheme?: string;
  readonly native_ext?: Readonly<Record<string, string>>;
  readonly history?: { readonly scale?: string; readonly native?: string };
}

/** Every row of a report, list by list, with its sources and its native codes by field. */
export function nativeRows({ merged }: Pick<Claims, 'merged'>): NativeRow[] {
  const { same_debts: _, ...lists } = merged;
  return Object.values<readonly Row[]>(lists)
    .flat()
    .map((row) => ({
      record: row.record,
      sources: row.sources.map(({ bureau, record_id }) => `${bureau} ${record_id}`),
      scheme: row.native_scheme ?? row.history?.scale ?? '',
      codes: {
        ...row.native,
        ...(row.history?.native === undefined ? {} : { history: row.history.native }),
        ...row.native_ext,
      },
    }));
}

/** The rows as a table, for people. */
export function nativeLines(rows: readonly NativeRow[]): string[] {
  return table(
    [{ head: 'record' }, { head: 'source' }, { head: 'scheme' }, { head: 'native codes' }],
    rows.map(({ record, sources, scheme, codes }) => [
      record,
      sources.join(' + '),
      scheme,
      Object.entries(codes)
        .map(([field, code]) => `${field}=${printable(code)}`)
        .join(' '),
    ]),
  );
}

/** A bureau's own text cannot move the cursor or hide what stands before it. */
const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '�');
