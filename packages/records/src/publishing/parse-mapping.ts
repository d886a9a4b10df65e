import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { AccountRecordSchema } from '../account.ts';
import { prohibitedData } from '../categories.ts';
import { InquiryRecordSchema } from '../inquiry.ts';
import { ObligationRecordSchema } from '../obligation.ts';
import { MinorSchema } from '../primitives.ts';
import { EnterpriseProfileSchema, PersonProfileSchema } from '../profile.ts';
import { isPartialDate } from '@causeway/kernel';
import type { FieldSpec } from './field-specs.ts';
import { fieldSpecSchemas } from './field-specs.ts';
import type { Mapping, RecordRule } from './mapping.ts';
import { MappingSchema } from './mapping.ts';
import { mappedColumns } from './mapped-columns.ts';
import { PublishingRefusal } from './refusal.ts';

const wholeMapping = Compile(MappingSchema);
const specChecks = new Map(
  Object.entries(fieldSpecSchemas).map(([as, schema]) => [as, Compile<TSchema>(schema)]),
);

/**
 * Reads a mapping, from JSON already parsed. Unknown members are refused at every depth.
 * @throws PublishingRefusal `mapping_invalid` whose pointer and message name the member or field at fault
 */
export function parseMapping(value: unknown): Mapping {
  checkSpecs(value);
  if (!wholeMapping.Check(value)) {
    const [error] = wholeMapping.Errors(value);
    refuse(error?.instancePath ?? '', reason(error));
  }
  checkWhole(value);
  value.records.forEach(checkRecord);
  return value;
}

function refuse(pointer: string, what: string): never {
  throw new PublishingRefusal(
    'mapping_invalid',
    `${pointer === '' ? 'The mapping' : pointer} ${what}.`,
    pointer,
  );
}

/**
 * Each field's spec against the schema of its own `as`, so that an error names the member and not the
 * union.
 */
function checkSpecs(value: unknown): void {
  members(member(value, 'records')).forEach(([at, rule]) => {
    for (const [field, spec] of members(member(rule, 'fields')))
      checkSpec(`/records/${at}/fields/${field}`, spec);
  });
  if (member(value, 'as_of') !== undefined) checkSpec('/as_of', member(value, 'as_of'));
}

function checkSpec(pointer: string, spec: unknown): void {
  const as = member(spec, 'const') === undefined ? member(spec, 'as') : 'const';
  const check = typeof as === 'string' ? specChecks.get(as) : undefined;
  if (!check)
    refuse(
      pointer,
      `needs "const", or "column" with "as" one of ${[...specChecks.keys()].slice(1).join(', ')}`,
    );
  if (check.Check(spec)) return;
  const [error] = check.Errors(spec);
  refuse(`${pointer}${error?.instancePath ?? ''}`, reason(error));
}

const reason = (error: { keyword: string; message: string } | undefined): string =>
  error?.keyword === 'boolean' ? 'is not a known member' : (error?.message ?? 'is malformed');

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;

const members = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : [];

function checkWhole(mapping: Mapping): void {
  const { header, format } = mapping;
  if (format !== 'jsonl' && header === undefined) refuse('/header', 'must be true or the list of columns');
  if (format === 'jsonl' && header !== undefined) refuse('/header', 'has no place in JSON Lines');
  if (format !== 'csv' && mapping.delimiter !== undefined) refuse('/delimiter', 'is for CSV only');
  for (const { column, pointer } of mappedColumns(mapping)) {
    const kind = prohibitedData(column);
    if (kind !== undefined) refuse(pointer, `names data that no bureau may collect (${kind})`);
    if (Array.isArray(header) && !header.includes(column))
      refuse(pointer, `names a column that /header does not list`);
  }
  if ('const' in mapping.as_of) checkConstDate('/as_of', mapping.as_of.const);
  else checkFormat('/as_of/format', mapping.as_of.format);
}

function checkConstDate(pointer: string, value: unknown): void {
  if (typeof value !== 'string' || !isPartialDate(value)) refuse(pointer, 'must be a date that exists');
}

function checkRecord(rule: RecordRule, at: number): void {
  const pointer = `/records/${at}/fields`;
  const properties = fieldsOf(rule);
  if (!properties) refuse(`${pointer}/kind`, 'must be {"const": "person"} or {"const": "enterprise"}');
  for (const [field, spec] of Object.entries(rule.fields)) {
    const schema = Object.hasOwn(properties, field) ? properties[field] : undefined;
    if (schema === undefined || field === 'record' || field === 'absent') {
      refuse(`${pointer}/${field}`, `is not a field of the record ${rule.record}`);
    }
    if (derivedFields.has(field)) refuse(`${pointer}/${field}`, 'is derived by rules, never published');
    checkFit(`${pointer}/${field}`, spec, schema);
  }
  if (rule.fields['source_record_id'] === undefined) refuse(`${pointer}/source_record_id`, 'is missing');
}

/** What the life of a record decides: how often it was corrected, until when and how it is shown. */
const derivedFields: ReadonlySet<string> = new Set([
  'version',
  'expires_on',
  'retention_rule',
  'display_override',
]);

/** The canonical fields of the record that a rule makes. */
export function fieldsOf(rule: RecordRule): Readonly<Record<string, TSchema>> | undefined {
  if (rule.record === 'account') return AccountRecordSchema.properties;
  if (rule.record === 'obligation') return ObligationRecordSchema.properties;
  if (rule.record === 'inquiry') return InquiryRecordSchema.properties;
  const kind = rule.fields['kind'];
  if (!kind || !('const' in kind)) return undefined;
  if (kind.const === 'person') return PersonProfileSchema.properties;
  return kind.const === 'enterprise' ? EnterpriseProfileSchema.properties : undefined;
}

const amountPattern = new Map<string, unknown>(Object.entries(MinorSchema)).get('pattern');

/** What a canonical field holds, by its schema. */
export function shapeOf(schema: TSchema): 'money' | 'minor' | 'history' | 'integer' | 'text' {
  const parts = new Map<string, unknown>(Object.entries(schema));
  const properties = parts.get('properties');
  if (typeof properties === 'object' && properties !== null)
    return 'states' in properties ? 'history' : 'money';
  if (parts.get('type') === 'integer') return 'integer';
  return parts.get('pattern') === amountPattern ? 'minor' : 'text';
}

/** The values of `as` that can fill each shape. */
const fitting: Readonly<Record<ReturnType<typeof shapeOf>, readonly string[]>> = {
  money: ['decimal', 'minor'],
  minor: ['decimal', 'minor', 'const'],
  history: ['history'],
  integer: ['integer', 'const'],
  text: ['text', 'date', 'code', 'const'],
};

function checkFit(pointer: string, spec: FieldSpec, schema: TSchema): void {
  const as = 'const' in spec ? 'const' : spec.as;
  const allowed = fitting[shapeOf(schema)];
  if (!allowed.includes(as)) refuse(pointer, `cannot be filled as ${as}; use ${allowed.join(' or ')}`);
  if (as === 'date' && 'format' in spec) checkFormat(`${pointer}/format`, spec.format);
  if ('const' in spec && !Compile(schema).Check(spec.const))
    refuse(`${pointer}/const`, 'is not a value of this field');
}

/** Year, month and day once each, and no day without its month. */
function checkFormat(pointer: string, format = 'YYYY'): void {
  const parts: string[] = format.match(/YYYY|MM|DD/gu) ?? [];
  const needed = parts.includes('DD')
    ? ['YYYY', 'MM', 'DD']
    : ['YYYY', ...(parts.includes('MM') ? ['MM'] : [])];
  if (parts.length !== needed.length || needed.some((part) => !parts.includes(part))) {
    refuse(pointer, 'must hold YYYY, YYYY and MM, or YYYY, MM and DD, each once');
  }
}
