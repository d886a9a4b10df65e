import type { Identifier } from '../identifiers.ts';
import type { CreditRecord } from '../record.ts';
import { compileRecord } from './compile-record.ts';
import type { Deletion, RecordMaker, RecordWarning } from './compile-record.ts';
import { compileSubject } from './compile-subject.ts';
import type { Mapping, When } from './mapping.ts';
import { LineFault } from './refusal.ts';
import type { ColumnIndex, Row } from './row.ts';
import { odditiesOf } from './warnings.ts';

/** What a line comes to: whom it is about (to be turned into a reference at once) and its records. */
interface Mapped {
  readonly subject: Identifier;
  readonly records: readonly CreditRecord[];
  /** Of a line with a deletion code, and of no other; it has no records. */
  readonly deletions?: readonly Deletion[];
  readonly warnings: readonly RecordWarning[];
}

/** A mapping as one function of a line: its records, all of them or none. @throws LineFault */
export type MapRow = (row: Row) => Mapped;

interface Rule extends RecordMaker {
  readonly applies: (row: Row) => boolean;
  readonly pointer: string;
}

const none: readonly RecordWarning[] = [];

/** Compiles a checked mapping for a file whose columns stand at these places, once for the whole file. */
export function compileMapping(mapping: Mapping, index: ColumnIndex): MapRow {
  const subjectOf = compileSubject(mapping.subject, index);
  const rules: Rule[] = mapping.records.map((rule, at) => ({
    applies: condition(rule.when, index),
    ...compileRecord(mapping, at, rule, index),
    pointer: `/records/${at}`,
  }));
  const deletes = mapping.delete && condition(mapping.delete, index);
  return (row) => {
    const subject = subjectOf(row);
    const kind = subject.scheme === 'gb32100' ? 'enterprise' : 'person';
    const applying = rules.filter(({ applies }) => applies(row));
    if (applying.length === 0)
      throw new LineFault('no_record', 'No record of the mapping applies to the line.');
    if (deletes?.(row))
      return {
        subject,
        records: [],
        deletions: applying.map(({ deletion }) => deletion(row)),
        warnings: none,
      };
    const warnings: RecordWarning[] = [];
    const records = applying.map(({ make, pointer }) => {
      const record = make(row, kind, warnings);
      for (const odd of odditiesOf(record, kind)) warnings.push({ ...odd, column: null, pointer });
      return record;
    });
    return { subject, records, warnings: warnings.length > 0 ? warnings : none };
  };
}

function condition(when: When | undefined, index: ColumnIndex): (row: Row) => boolean {
  if (when === undefined) return () => true;
  const at = index(when.column);
  if ('equals' in when) return (row) => (row[at] ?? '') === when.equals;
  const listed = new Set('in' in when ? when.in : when.not_in);
  const wanted = 'in' in when;
  return (row) => listed.has(row[at] ?? '') === wanted;
}
