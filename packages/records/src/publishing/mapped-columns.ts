import { expressionColumns } from './expression.ts';
import type { FieldSpec } from './field-specs.ts';
import type { Mapping } from './mapping.ts';

/** A column that a mapping reads, and where the mapping says so. */
export interface MappedColumn {
  readonly column: string;
  /** JSON pointer into the mapping. */
  readonly pointer: string;
}

/** Every column that the mapping reads, in the order of the mapping. */
export function mappedColumns(mapping: Mapping): MappedColumn[] {
  const { scheme, id } = mapping.subject;
  const out: MappedColumn[] = [{ column: id.column, pointer: '/subject/id/column' }];
  if (typeof scheme === 'object') out.push({ column: scheme.column, pointer: '/subject/scheme/column' });
  if ('column' in mapping.as_of) out.push({ column: mapping.as_of.column, pointer: '/as_of/column' });
  if (mapping.delete) out.push({ column: mapping.delete.column, pointer: '/delete/column' });
  mapping.records.forEach(({ when, fields }, at) => {
    if (when) out.push({ column: when.column, pointer: `/records/${at}/when/column` });
    for (const [field, spec] of Object.entries(fields))
      out.push(...specColumns(spec, `/records/${at}/fields/${field}`));
  });
  return out;
}

function specColumns(spec: FieldSpec, pointer: string): MappedColumn[] {
  if ('const' in spec) return [];
  if (spec.as === 'expression')
    return expressionColumns(spec.expression).map((column) => ({ column, pointer: `${pointer}/expression` }));
  const out: MappedColumn[] = [];
  if ('column' in spec) out.push({ column: spec.column, pointer: `${pointer}/column` });
  if (spec.as === 'months') {
    out.push(...listed(spec.columns, `${pointer}/columns`));
    if (spec.overdue) out.push(...listed(spec.overdue.columns, `${pointer}/overdue/columns`));
  }
  if ('to' in spec && 'column' in spec.to)
    out.push({ column: spec.to.column, pointer: `${pointer}/to/column` });
  return out;
}

const listed = (columns: readonly string[], pointer: string): MappedColumn[] =>
  columns.map((column, at) => ({ column, pointer: `${pointer}/${at}` }));
