import { isCurrency, isPartialDate } from '@causeway/kernel';
import { Compile } from 'typebox/compile';
import { deniedData } from '../categories.ts';
import { carriesIdentifier } from '../identifiers.ts';
import { formatFault, givesDays } from './date-values.ts';
import { compileExpression } from './expression.ts';
import type { FieldSpec, Reading } from './field-specs.ts';
import type { RecordRule } from './mapping.ts';
import { categoryOf, recordField, recordSchemaOf } from './record-fields.ts';
import type { RecordField, Shape } from './record-fields.ts';
import { PublishingRefusal } from './refusal.ts';

/** Ends the reading of a mapping. The sentence goes on behind the pointer. */
export function refuseMapping(pointer: string, what: string): never {
  throw new PublishingRefusal(
    'mapping_invalid',
    `${pointer === '' ? 'The mapping' : pointer} ${what}.`,
    pointer,
  );
}

/** The values of `as` that can fill each shape. */
const fitting: Readonly<Record<Shape, readonly string[]>> = {
  money: ['decimal', 'minor'],
  money_or_band: ['decimal', 'minor', 'band'],
  minor: ['decimal', 'minor', 'const'],
  signed_minor: ['decimal', 'minor', 'const'],
  history: ['history', 'months'],
  integer: ['integer', 'ratio', 'code', 'const'],
  boolean: ['boolean', 'code', 'const'],
  day: ['date', 'text', 'code', 'const'],
  partial_date: ['date', 'text', 'code', 'const'],
  text: ['text', 'date', 'code', 'const'],
  nested: [],
};

/** Fields that versions, retention rules and signed batches fill, never a file. */
const never: ReadonlySet<string> = new Set(['version', 'expires_on', 'retention_rule', 'batch']);

/** Checks what a rule makes of a line against the schema of its record. @throws PublishingRefusal */
export function checkRecord(rule: RecordRule, at: number): void {
  const pointer = `/records/${at}/fields`;
  const parts = recordSchemaOf(rule);
  if (!parts) refuseMapping(`${pointer}/kind`, 'must be {"const": "person"} or {"const": "enterprise"}');
  for (const [name, spec] of Object.entries(rule.fields)) {
    const field = never.has(name) ? undefined : recordField(parts, name);
    if (!field) refuseMapping(`${pointer}/${name}`, `is not a field of the record ${rule.record}`);
    const [outer, member] = name.split('.');
    if (outer === 'native' && (member === undefined || !Object.hasOwn(parts.properties, member)))
      refuseMapping(`${pointer}/${name}`, 'names no field; what is your own goes into native_ext');
    if (outer === 'native_ext' && deniedData(member ?? ''))
      refuseMapping(`${pointer}/${name}`, 'is data that has no place in a credit record');
    if (field.shape === 'nested')
      refuseMapping(`${pointer}/${name}`, `is filled member by member, such as "${name}.x"`);
    if (name.includes('.') && 'absence' in spec && spec.absence !== undefined)
      refuseMapping(`${pointer}/${name}/absence`, 'can be stated for a whole field only');
    checkSpec(`${pointer}/${name}`, spec, field, name);
  }
  const given = new Set(Object.keys(rule.fields).map((name) => name.split('.')[0]));
  for (const name of ['source_record_id', ...parts.required]) {
    const derived = name === 'record' || name === 'record_id' || name === 'as_of';
    if (derived || given.has(name) || (name === 'category' && categoryOf(rule, parts) !== undefined))
      continue;
    refuseMapping(`${pointer}/${name}`, 'is missing');
  }
  currencyOf(rule, pointer);
}

/**
 * The one currency in which a rule reads its amounts; undefined where it reads none into a record that has a
 * currency. @throws PublishingRefusal on two, and where the record says another
 */
export function currencyOf(rule: RecordRule, pointer = ''): string | undefined {
  const stated = rule.fields['currency'];
  if (stated === undefined) return undefined;
  let found = 'const' in stated ? String(stated.const) : undefined;
  for (const [name, spec] of Object.entries(rule.fields)) {
    const currency = 'const' in spec ? undefined : readingCurrency(spec);
    if (currency === undefined) continue;
    if (found !== undefined && currency !== found)
      refuseMapping(`${pointer}/${name}`, `reads an amount in ${currency} into a record in ${found}`);
    found = currency;
  }
  return found;
}

function readingCurrency(spec: Exclude<FieldSpec, { const: unknown }>): string | undefined {
  if (spec.as === 'months') return spec.overdue?.currency;
  const reading = spec.as === 'expression' ? spec.read : spec;
  return reading && 'currency' in reading ? reading.currency : undefined;
}

function checkSpec(pointer: string, spec: FieldSpec, field: RecordField, name: string): void {
  if ('const' in spec) return checkConst(pointer, spec.const, field, name);
  if (spec.as === 'expression') {
    checkExpression(`${pointer}/expression`, spec.expression);
    const reading = spec.read ?? { as: 'text' as const };
    return checkReading(spec.read ? `${pointer}/read` : pointer, reading, field, name);
  }
  if (spec.as !== 'history' && spec.as !== 'months') return checkReading(pointer, spec, field, name);
  checkFits(pointer, spec.as, field.shape);
  if ('column' in spec.to) checkFormat(`${pointer}/to/format`, spec.to.format ?? 'YYYY-MM', 'MM');
  if (spec.as !== 'months' || !spec.overdue) return;
  checkCurrency(`${pointer}/overdue/currency`, spec.overdue.currency);
  if (spec.overdue.columns.length !== spec.columns.length)
    refuseMapping(`${pointer}/overdue/columns`, 'must have one column for each month');
}

function checkReading(pointer: string, reading: Reading, field: RecordField, name: string): void {
  checkFits(pointer, reading.as, field.shape);
  if ('currency' in reading) checkCurrency(`${pointer}/currency`, reading.currency);
  if (
    reading.as === 'decimal' &&
    reading.thousands !== undefined &&
    reading.thousands === (reading.point ?? '.')
  )
    refuseMapping(`${pointer}/thousands`, 'is the point');
  if (reading.as === 'date') {
    const format = reading.format ?? 'YYYY-MM-DD';
    checkFormat(`${pointer}/format`, format);
    if (field.shape === 'day' && !givesDays(format))
      refuseMapping(`${pointer}/format`, 'must give the day, which this field needs');
  }
  if (reading.as === 'code') {
    for (const [code, value] of Object.entries(reading.map))
      checkValue(`${pointer}/map/${escaped(code)}`, value, field, name);
    if (reading.else !== undefined) checkValue(`${pointer}/else`, reading.else, field, name);
  }
}

/** A name as a JSON pointer has it (RFC 6901). */
const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

function checkFits(pointer: string, as: string, shape: Shape): void {
  const allowed = fitting[shape];
  if (!allowed.includes(as)) refuseMapping(pointer, `cannot be filled as ${as}; use ${allowed.join(' or ')}`);
}

function checkConst(pointer: string, value: unknown, field: RecordField, name: string): void {
  checkFits(pointer, 'const', field.shape);
  checkValue(`${pointer}/const`, value, field, name);
}

/** A value that the mapping itself gives: checked here once, and not again line by line. */
function checkValue(pointer: string, value: unknown, field: RecordField, name: string): void {
  if (!Compile(field.schema).Check(value)) refuseMapping(pointer, 'is not a value of this field');
  if (typeof value !== 'string') return;
  const dated = field.shape === 'day' || field.shape === 'partial_date';
  if (dated && !isPartialDate(value)) refuseMapping(pointer, 'is a day that does not exist');
  if (name === 'currency') checkCurrency(pointer, value);
  if (carriesIdentifier(value)) refuseMapping(pointer, 'carries the number of a person or enterprise');
}

function checkCurrency(pointer: string, currency: string): void {
  if (!isCurrency(currency)) refuseMapping(pointer, 'is a currency without a known minor unit');
}

function checkExpression(pointer: string, text: string): void {
  try {
    compileExpression(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    refuseMapping(pointer, error.message);
  }
}

/** The parts of a format, and the one that a reader of it needs. */
export function checkFormat(pointer: string, format: string, needs?: 'MM'): void {
  const wrong = formatFault(format);
  if (wrong !== undefined) refuseMapping(pointer, wrong);
  if (needs && !format.startsWith('epoch_') && !format.includes('M'))
    refuseMapping(pointer, 'must give the month');
}
