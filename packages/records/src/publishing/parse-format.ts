import { prohibitedData } from '../categories.ts';
import type { FixedLayout } from './layout.ts';
import type { Mapping } from './mapping.ts';
import { refuseMapping } from './parse-record.ts';

/** The columns that a mapping names itself, and where. */
interface NamedColumns {
  readonly columns: ReadonlySet<string>;
  readonly where: string;
}

/**
 * Checks that a mapping has the members of its format and no other's.
 * @returns the columns that it names, or undefined where the file does
 * @throws PublishingRefusal
 */
export function checkFormatParts(mapping: Mapping): NamedColumns | undefined {
  const { header, format, delimiter, fixed, xml } = mapping;
  const delimited = format === 'csv' || format === 'tsv';
  if (delimited && header === undefined) refuseMapping('/header', 'must be true or the list of columns');
  if (!delimited && header !== undefined) refuseMapping('/header', `has no place in the format ${format}`);
  if (format !== 'csv' && delimiter !== undefined) refuseMapping('/delimiter', 'is for CSV only');
  if ((format === 'fixed') !== (fixed !== undefined))
    refuseMapping('/fixed', 'is the layout of the format fixed, and of no other');
  if ((format === 'xml') !== (xml !== undefined))
    refuseMapping('/xml', 'is the layout of the format xml, and of no other');
  if (fixed) return fixedColumns(fixed);
  if (xml) return named(Object.keys(xml.columns), '/xml/columns');
  return Array.isArray(header) ? named(header, '/header') : undefined;
}

function named(columns: readonly string[], where: string): NamedColumns {
  const refused = columns.find((column) => prohibitedData(column) !== undefined);
  if (refused !== undefined) refuseMapping(where, `names "${refused}", which no bureau may collect`);
  return { columns: new Set(columns), where };
}

function fixedColumns(layout: FixedLayout): NamedColumns {
  const { columns, record_bytes, totals, type } = layout;
  const places = [
    ...columns.map((place, at) => ({ ...place, pointer: `/fixed/columns/${at}` })),
    ...(type ? [{ ...type, pointer: '/fixed/type' }] : []),
    ...(totals?.count ? [{ ...totals.count, pointer: '/fixed/totals/count' }] : []),
    ...(totals?.sums ?? []).map((place, at) => ({ ...place, pointer: `/fixed/totals/sums/${at}` })),
  ];
  for (const { at, bytes, pointer } of places)
    if (at + bytes > record_bytes)
      refuseMapping(pointer, `ends behind the ${record_bytes} bytes of a record`);
  const names = columns.map(({ name }) => name);
  if (new Set(names).size !== names.length) refuseMapping('/fixed/columns', 'names a column twice');
  if (totals && type?.trailer === undefined)
    refuseMapping('/fixed/totals', 'stand in a trailer, which /fixed/type must tell from data');
  (totals?.sums ?? []).forEach(({ column }, at) => {
    if (!names.includes(column)) refuseMapping(`/fixed/totals/sums/${at}/column`, 'is not in /fixed/columns');
  });
  for (const [role, mark] of Object.entries({ ...type, at: undefined, bytes: undefined }))
    if (typeof mark === 'string' && mark.length !== type?.bytes)
      refuseMapping(`/fixed/type/${role}`, 'does not have the length of the type');
  return named(names, '/fixed/columns');
}
