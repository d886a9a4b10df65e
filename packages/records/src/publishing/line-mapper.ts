import { readRecord } from '../faults.ts';
import { normaliseIdentifier } from '../identifiers.ts';
import type { Identifier } from '../identifiers.ts';
import type { CreditRecord } from '../record.ts';
import type { ColumnSpec, FieldSpec } from './field-specs.ts';
import { codeValue, fieldValue } from './field-values.ts';
import type { ReadColumn } from './field-values.ts';
import type { FileReader } from './file-reader.ts';
import type { RawLine } from './line-splitter.ts';
import type { Mapping, RecordRule, When } from './mapping.ts';
import { fieldsOf, shapeOf } from './parse-mapping.ts';
import { LineFault } from './refusal.ts';
import type { Rejection } from './refusal.ts';

/** A line that is taken: whom it is about (to be turned into a reference at once) and its records. */
export interface MappedLine {
  readonly line: number;
  readonly subject: Identifier;
  readonly records: readonly CreditRecord[];
  /** Of a line with a deletion code, and of no other; it has no records. */
  readonly deletions?: readonly Deletion[];
}

/** A record that its source has deleted, by its key, and the day of which the source says so. */
export interface Deletion {
  readonly record: CreditRecord['record'];
  readonly source_record_id: string;
  readonly as_of: string;
}

export type LineOutcome = MappedLine | { readonly rejection: Rejection };

interface FieldPlan {
  readonly field: string;
  readonly spec: FieldSpec;
  readonly money: boolean;
}

interface RecordPlan {
  readonly rule: RecordRule;
  readonly fields: readonly FieldPlan[];
}

/** Where a record's rule names no category. */
const categoryDefaults = {
  account: 'ACCOUNT_DETAIL',
  obligation: 'ACCOUNT_DETAIL',
  inquiry: 'INQUIRY',
  profile: 'IDENTITY',
} as const;

/** Turns lines into records by a mapping. Pure; never throws for what a line holds. */
export class LineMapper {
  readonly #mapping: Mapping;
  readonly #reader: FileReader;
  readonly #plans: readonly RecordPlan[];

  constructor(mapping: Mapping, reader: FileReader) {
    this.#mapping = mapping;
    this.#reader = reader;
    this.#plans = mapping.records.map((rule) => ({ rule, fields: plan(rule) }));
  }

  /** The records of one line, all of them or none. */
  map(raw: RawLine): LineOutcome {
    try {
      const values = this.#reader.values(raw);
      const read: ReadColumn = (column) => values.get(column);
      const subject = this.#subject(read);
      const plans = this.#plans.filter(({ rule }) => applies(rule.when, read));
      if (plans.length === 0)
        throw new LineFault('no_record', 'No record of the mapping applies to the line.');
      const { delete: deletion } = this.#mapping;
      const line = { line: raw.line, subject };
      if (deletion !== undefined && applies(deletion, read))
        return { ...line, records: [], deletions: plans.map((each) => this.#deletion(each, read)) };
      return { ...line, records: plans.map((each) => this.#record(each, subject, read)) };
    } catch (error) {
      if (!(error instanceof LineFault)) throw error;
      const { column, rule, message } = error;
      return { rejection: { line: raw.line, column, rule, message } };
    }
  }

  #subject(read: ReadColumn): Identifier {
    const { scheme, id } = this.#mapping.subject;
    const text = read(id.column);
    if (text === undefined || text === '')
      throw new LineFault('required', 'The subject has no identifier.', id.column);
    const named =
      typeof scheme === 'string'
        ? scheme
        : codeValue(read(scheme.column) ?? '', scheme.values, scheme.column);
    try {
      return normaliseIdentifier(named, text);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new LineFault('identifier_check', `The identifier is refused: ${error.message}.`, id.column);
    }
  }

  #record({ rule, fields }: RecordPlan, subject: Identifier, read: ReadColumn): CreditRecord {
    const out: Record<string, unknown> = { record: rule.record, category: categoryDefaults[rule.record] };
    const absent: Record<string, string> = {};
    for (const { field, spec, money } of fields) {
      const value = 'const' in spec ? spec.const : fieldValue(spec, read, money);
      if (value !== undefined) out[field] = value;
      else if ('absence' in spec && spec.absence !== undefined) absent[field] = spec.absence;
    }
    out['as_of'] ??= this.#asOf(fields, read);
    const source = out['source_record_id'];
    if (typeof source !== 'string') throw missing('source_record_id', fields);
    out['record_id'] ??= `${rule.record}-${source}`;
    if (Object.keys(absent).length > 0) out['absent'] = absent;
    return accepted(out, subject, fields, this.#mapping.unnoticed === 'hold');
  }

  #deletion({ fields, rule: { record } }: RecordPlan, read: ReadColumn): Deletion {
    const value = (name: string): unknown => {
      const spec = fields.find(({ field }) => field === name)?.spec;
      return spec && ('const' in spec ? spec.const : fieldValue(spec, read, false));
    };
    const [source_record_id, as_of] = [value('source_record_id'), value('as_of') ?? this.#asOf(fields, read)];
    if (typeof source_record_id !== 'string') throw missing('source_record_id', fields);
    if (typeof as_of !== 'string') throw missing('as_of', fields);
    return { record, source_record_id, as_of };
  }

  #asOf(fields: readonly FieldPlan[], read: ReadColumn): unknown {
    const { as_of } = this.#mapping;
    const value = 'const' in as_of ? as_of.const : fieldValue(as_of, read, false);
    if (value === undefined) throw missing('as_of', fields, 'column' in as_of ? as_of.column : null);
    return value;
  }
}

function plan(rule: RecordRule): FieldPlan[] {
  const schemas = fieldsOf(rule) ?? {};
  return Object.entries(rule.fields).map(([field, spec]) => {
    const schema = schemas[field];
    return { field, spec, money: schema !== undefined && shapeOf(schema) === 'money' };
  });
}

function applies(when: When | undefined, read: ReadColumn): boolean {
  if (when === undefined) return true;
  const text = read(when.column) ?? '';
  return 'in' in when ? when.in.includes(text) : when.equals === text;
}

function accepted(
  value: object,
  subject: Identifier,
  fields: readonly FieldPlan[],
  held: boolean,
): CreditRecord {
  const result = readRecord(value, subject.scheme === 'gb32100' ? 'enterprise' : 'person');
  if ('record' in result) return result.record;
  // Nothing but the notice is missing, so that all else has been checked.
  if (held && result.faults.every(({ rule }) => rule === 'adverse_notice')) return value as CreditRecord;
  const [fault] = result.faults;
  const field = fault?.field.split('.')[0] ?? 'record';
  if (!Object.hasOwn(value, field) && fault?.rule === 'schema') throw missing(field, fields);
  throw new LineFault(
    fault?.rule ?? 'schema',
    `The field "${field}" ${fault?.message ?? 'is refused'}.`,
    columnOf(field, fields),
  );
}

const missing = (field: string, fields: readonly FieldPlan[], column = columnOf(field, fields)): LineFault =>
  new LineFault('required', `The field "${field}" has no value.`, column);

function columnOf(field: string, fields: readonly FieldPlan[]): string | null {
  const spec = fields.find((each) => each.field === field)?.spec;
  return spec !== undefined && isColumn(spec) ? spec.column : null;
}

const isColumn = (spec: FieldSpec): spec is ColumnSpec => 'column' in spec;
