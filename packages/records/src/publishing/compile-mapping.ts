import type { Identifier } from '../identifiers.ts';
import type { CreditRecord } from '../record.ts';
import { compileRecord } from './compile-record.ts';
import type { MakeRecord, RecordWarning } from './compile-record.ts';
import { compileSubject } from './compile-subject.ts';
import type { Mapping, When } from './mapping.ts';
import { LineFault } from './refusal.ts';
import type { ColumnIndex, Row } from './row.ts';
import { odditiesOf } from './warnings.ts';

/** What a line comes to: whom it is about (to be turned into a reference at once) and its records. */
interface Mapped {
  readonly subject: Identifier;
  readonly records: readonly CreditRecord[];
  readonly warnings: readonly RecordWarning[];
}

/** A mapping as one function of a line: its records, all of them or none. @throws LineFault */
export type MapRow = (row: Row) => Mapped;

interface Rule {
  readonly applies: (row: Row) => boolean;
  readonly make: MakeRecord;
  readonly pointer: string;
}

const none: readonly RecordWarning[] = [];

/** Compiles a checked mapping for a file whose columns stand at these places, once for the whole file. */
export function compileMapping(mapping: Mapping, index: ColumnIndex): MapRow {
  const subjectOf = compileSubject(mapping.subject, index);
  const rules: Rule[] = mapping.records.map((rule, at) => ({
    applies: condition(rule.when, index),
    make: compileRecord(mapping, at, rule, index),
    pointer: `/records/${at}`,
  }));
  return (row) => {
    const subject = subjectOf(row);
    const kind = subject.scheme === 'gb32100' ? 'enterprise' : 'person';
    const records: CreditRecord[] = [];
    const warnings: RecordWarning[] = [];
    for (const { applies, make, pointer } of rules) {
      if (!applies(row)) continue;
      const record = make(row, kind, warnings);
      for (const odd of odditiesOf(record, kind)) warnings.push({ ...odd, column: null, pointer });
      records.push(record);
    }
    if (records.length === 0)
      throw new LineFault('no_record', 'No record of the mapping applies to the line.');
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
