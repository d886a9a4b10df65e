import type { SubjectKind } from '../faults.ts';
import type { CreditRecord } from '../record.ts';
import { compileField } from './compile-field.ts';
import type { Fill } from './compile-field.ts';
import type { FieldSpec } from './field-specs.ts';
import type { Mapping, RecordRule } from './mapping.ts';
import { currencyOf } from './parse-record.ts';
import { categoryOf, recordField, recordSchemaOf } from './record-fields.ts';
import { MemberOrder } from './member-order.ts';
import { LineFault } from './refusal.ts';
import type { Warning } from './refusal.ts';
import type { ColumnIndex, Row } from './row.ts';
import { checksOfWhole } from './whole-record.ts';
import type { CheckWhole } from './whole-record.ts';

/** A record that its source has deleted, by its key, and the day of which the source says so. */
export interface Deletion {
  readonly record: CreditRecord['record'];
  readonly source_record_id: string;
  readonly as_of: string;
}

/** One rule of a mapping, ready for the lines of a file. */
export interface RecordMaker {
  /** The record of a line. What is odd about it is added to `warnings`. @throws LineFault */
  readonly make: (row: Row, kind: SubjectKind, warnings: RecordWarning[]) => CreditRecord;
  /** The key of the record of a line, of which nothing else is read. @throws LineFault */
  readonly deletion: (row: Row) => Deletion;
}

export type RecordWarning = Omit<Warning, 'line'>;

interface FieldPlan {
  readonly name: string;
  /** The field of the record, and the member of it where the name has a point. */
  readonly outer: string;
  readonly inner: string | undefined;
  readonly column: string | null;
  readonly pointer: string;
  readonly required: boolean;
  readonly absence: string | undefined;
  readonly fill: Fill;
}

/** Bytes of a record's id, as its schema has it. */
const idLengthMax = 128;

/** A record's rule as functions of the line and the kind of its subject. */
export function compileRecord(
  mapping: Mapping,
  at: number,
  rule: RecordRule,
  index: ColumnIndex,
): RecordMaker {
  const pointer = `/records/${at}/fields`;
  const parts = recordSchemaOf(rule);
  if (!parts) throw new RangeError('a rule that was not checked');
  // By name, in whatever order the mapping has them: of two faults of a line the same one is told everywhere.
  const fields = Object.entries(rule.fields)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, spec]) => planOf(rule, name, spec, pointer, index));
  const has = (name: string): boolean => fields.some(({ outer }) => outer === name);
  if (!has('as_of')) fields.push(dateOfAll(mapping, index));
  const check = checksOf(mapping, rule, pointer);
  const start = { record: rule.record, ...(has('category') ? {} : { category: categoryOf(rule, parts) }) };
  const ownId = has('record_id');
  const outers = fields.map(({ outer }) => outer);
  const members = new MemberOrder([...Object.keys(start), ...outers, 'absent', 'record_id']);
  const given = members.values(start);
  const placed = fields.map((field) => ({ field, at: members.at(field.outer) }));
  const place = {
    ...{ absent: members.at('absent'), id: members.at('record_id') },
    source: members.at('source_record_id'),
  };
  const needsMember = parts.required.find((name) =>
    fields.some(({ outer, inner }) => outer === name && inner !== undefined),
  );
  const needsAt = members.at(needsMember ?? 'record');
  const make: RecordMaker['make'] = (row, kind, warnings) => {
    const values = given.slice();
    let absent: Record<string, string> | undefined;
    for (const { at: where, field } of placed) {
      const value = field.fill(row);
      if (value !== undefined) values[where] = within(values[where], field, value);
      else if (field.required) throw missing(field);
      else if (field.absence !== undefined) (absent ??= {})[field.name] = field.absence;
    }
    if (values[needsAt] === undefined)
      throw new LineFault('required', `The field "${needsMember}" has no value.`, null, pointer);
    if (!ownId) values[place.id] = recordId(rule.record, String(values[place.source]), pointer);
    if (absent) values[place.absent] = absent;
    // The mapping was checked against the record's schema, field by field, and so is each value.
    const record = members.object(values) as unknown as CreditRecord;
    check(record, kind, warnings);
    return record;
  };
  return { make, deletion: deletionOf(rule.record, fields) };
}

function deletionOf(record: Deletion['record'], fields: readonly FieldPlan[]): RecordMaker['deletion'] {
  const [id, day] = ['source_record_id', 'as_of'].map((name) => fields.find((field) => field.name === name));
  if (!id || !day) throw new RangeError('a rule that was not checked');
  const text = (field: FieldPlan, row: Row): string => {
    const value = field.fill(row);
    if (typeof value !== 'string') throw missing(field);
    return value;
  };
  return (row) => ({ record, source_record_id: text(id, row), as_of: text(day, row) });
}

/** A field's value, or where it is the member of one, that member beside those that came before. */
const within = (before: unknown, { inner }: FieldPlan, value: unknown): unknown =>
  inner === undefined ? value : { ...(before as object | undefined), [inner]: value };

function planOf(
  rule: RecordRule,
  name: string,
  spec: FieldSpec,
  base: string,
  index: ColumnIndex,
): FieldPlan {
  const parts = recordSchemaOf(rule);
  const field = parts && recordField(parts, name);
  if (!field) throw new RangeError('a field that was not checked');
  const column = 'column' in spec ? spec.column : null;
  const pointer = `${base}/${name}`;
  const [outer = '', ...rest] = name.split('.');
  return {
    ...{ name, outer, inner: rest.length > 0 ? rest.join('.') : undefined, column, pointer },
    required: field.required,
    absence: 'absence' in spec ? spec.absence : undefined,
    fill: compileField(spec, field, { name, column, pointer }, index),
  };
}

function dateOfAll({ as_of }: Mapping, index: ColumnIndex): FieldPlan {
  const parts = recordSchemaOf({ record: 'account', fields: {} });
  const field = parts && recordField(parts, 'as_of');
  if (!field) throw new RangeError('no such field');
  const column = 'column' in as_of ? as_of.column : null;
  const place = { name: 'as_of', column, pointer: '/as_of' };
  const fill = compileField(as_of, field, place, index);
  return { ...place, outer: 'as_of', inner: undefined, required: true, absence: undefined, fill };
}

function recordId(record: string, source: string, pointer: string): string {
  const id = `${record}-${source}`;
  if (id.length <= idLengthMax) return id;
  const what = `The field "source_record_id" has more than ${idLengthMax - record.length - 1} characters.`;
  throw new LineFault('schema', what, null, `${pointer}/source_record_id`);
}

const missing = ({ name, column, pointer }: FieldPlan): LineFault =>
  new LineFault('required', `The field "${name}" has no value.`, column, pointer);

/** The rules of a whole record that its fields one by one cannot break. */
function checksOf(mapping: Mapping, rule: RecordRule, pointer: string): CheckWhole {
  const open = rule.fields['currency'] !== undefined && !('const' in rule.fields['currency']);
  const currency = open ? currencyOf(rule) : undefined;
  const whole = checksOfWhole(rule, mapping.hold_adverse === true, pointer);
  return (record, kind, warnings) => {
    if (currency !== undefined && 'currency' in record && record.currency !== currency)
      throw new LineFault(
        'currency',
        `The field "currency" is not ${currency}, in which the mapping reads the amounts.`,
        null,
        `${pointer}/currency`,
      );
    if (record.record === 'profile' && record.kind !== kind)
      throw new LineFault(
        'subject_kind',
        `The profile is not of a subject of the kind ${kind}.`,
        null,
        `${pointer}/kind`,
      );
    whole(record, kind, warnings);
  };
}
