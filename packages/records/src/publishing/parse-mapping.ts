import { isPartialDate } from '@causeway/kernel';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { prohibitedData } from '../categories.ts';
import { fieldSpecSchemas } from './field-specs.ts';
import type { Mapping } from './mapping.ts';
import { MappingSchema } from './mapping.ts';
import { mappedColumns } from './mapped-columns.ts';
import { checkFormatParts } from './parse-format.ts';
import { checkFormat, checkRecord, refuseMapping } from './parse-record.ts';

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
    refuseMapping(error?.instancePath ?? '', reason(error));
  }
  value.records.forEach(checkRecord);
  checkWhole(value);
  return value;
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
    refuseMapping(
      pointer,
      `needs "const", or "column" with "as" one of ${[...specChecks.keys()].slice(1).join(', ')}`,
    );
  if (check.Check(spec)) return;
  const [error] = check.Errors(spec);
  refuseMapping(`${pointer}${error?.instancePath ?? ''}`, reason(error));
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
  const named = checkFormatParts(mapping);
  for (const { column, pointer } of mappedColumns(mapping)) {
    const kind = prohibitedData(column);
    if (kind !== undefined) refuseMapping(pointer, `names data that no bureau may collect (${kind})`);
    if (named && !named.columns.has(column))
      refuseMapping(pointer, `names a column that ${named.where} does not list`);
  }
  if ('const' in mapping.as_of) checkConstDate('/as_of', mapping.as_of.const);
  else checkFormat('/as_of/format', mapping.as_of.format ?? 'YYYY-MM-DD');
}

function checkConstDate(pointer: string, value: unknown): void {
  if (typeof value !== 'string' || !isPartialDate(value))
    refuseMapping(pointer, 'must be a date that exists');
}
