import { isCurrency, isPartialDate } from '@causeway/kernel';
import { Compile } from 'typebox/compile';
import { carriesIdentifier } from '../identifiers.ts';
import { compileExpression } from './expression.ts';
import { ExpressionFault } from './expression-values.ts';
import type { FieldSpec, Reading } from './field-specs.ts';
import { monthlyHistory, packedHistory } from './history-values.ts';
import { compileReading } from './read-value.ts';
import type { Fail, FieldValue } from './read-value.ts';
import type { RecordField } from './record-fields.ts';
import { LineFault } from './refusal.ts';
import type { ColumnIndex, Row } from './row.ts';

/** The value of one canonical field of a line, or undefined where the source has none. @throws LineFault */
export type Fill = (row: Row) => FieldValue | undefined;

/** What a field is filled from, and where the mapping says so. */
export interface FieldPlace {
  readonly name: string;
  /** The one column that it is read from; null where it is several. */
  readonly column: string | null;
  readonly pointer: string;
}

type Check = (value: FieldValue) => void;

/**
 * One field's spec as a function of the line. The mapping was checked against the field's schema, so that a
 * value is checked here only where the mapping leaves it open.
 */
export function compileField(
  spec: FieldSpec,
  field: RecordField,
  place: FieldPlace,
  index: ColumnIndex,
): Fill {
  if ('const' in spec) return () => spec.const;
  const fail = failAt(place);
  if (spec.as === 'history') return packedHistory(spec, index, fail);
  if (spec.as === 'months') return monthlyHistory(spec, index, fail);
  const reading = spec.as === 'expression' ? (spec.read ?? { as: 'text' as const }) : spec;
  const text =
    spec.as === 'expression' ? expressionOf(spec.expression, index, fail) : columnOf(spec.column, index);
  const read = compileReading(reading, field.shape, fail);
  const check = checkOf(reading, field, place, fail);
  const absent = absentOf(spec.absent);
  return (row) => {
    const found = text(row);
    if (found === undefined || absent(found)) return undefined;
    const value = read(found);
    if (value !== undefined) check?.(value);
    return value;
  };
}

const failAt =
  ({ name, column, pointer }: FieldPlace): Fail =>
  (rule, what, read) => {
    const subject = column === null ? `The field "${name}"` : `The column "${column}"`;
    throw new LineFault(rule, `${subject} ${what}.`, read ?? column, pointer);
  };

function columnOf(column: string, index: ColumnIndex): (row: Row) => string | undefined {
  const at = index(column);
  return (row) => row[at];
}

function expressionOf(source: string, index: ColumnIndex, fail: Fail): (row: Row) => string | undefined {
  const expression = compileExpression(source);
  return (row) => {
    try {
      return expression((column) => row[index(column)]);
    } catch (error) {
      if (!(error instanceof ExpressionFault)) throw error;
      return fail('expression', `has no value: ${error.message}`);
    }
  };
}

function absentOf(absent: readonly string[] = ['']): (text: string) => boolean {
  if (absent.length === 1 && absent[0] === '') return (text) => text === '';
  const listed = new Set(absent);
  return (text) => listed.has(text);
}

/** What the mapping cannot guarantee: the pattern of a free text, the bounds of a number. */
function checkOf(reading: Reading, field: RecordField, place: FieldPlace, fail: Fail): Check | undefined {
  const dated = field.shape === 'day' || field.shape === 'partial_date';
  if (['decimal', 'minor', 'band', 'boolean', 'code'].includes(reading.as)) return undefined;
  if (reading.as === 'date' && dated) return undefined;
  const schema = Compile(field.schema);
  const free = reading.as === 'text';
  const currency = place.name === 'currency';
  return (value) => {
    if (!schema.Check(value)) {
      const [error] = schema.Errors(value);
      throw refused('schema', error?.message ?? 'does not fit', place);
    }
    if (typeof value !== 'string') return;
    if (dated && !isPartialDate(value)) fail('date', 'is a day that does not exist');
    if (currency && !isCurrency(value)) fail('currency', 'is a currency without a known minor unit');
    // An identifier has eighteen characters.
    if (free && value.length >= 18 && carriesIdentifier(value))
      throw refused('identifier_in_record', 'carries the number of a person or enterprise', place);
  };
}

const refused = (rule: 'schema' | 'identifier_in_record', what: string, place: FieldPlace): LineFault =>
  new LineFault(rule, `The field "${place.name}" ${what}.`, place.column, place.pointer);
