import { parseMapping } from './parse-mapping.ts';

/** A person and an enterprise of no place. */
export const PERSON = '990000199003070013';
export const FIRM = '91990000MA0000015Q';

export type Fields = Readonly<Record<string, unknown>>;

export const mappingOf = (record: string, fields: Fields, columns: readonly string[], more: object = {}) =>
  parseMapping({
    ...{ v: 1, name: 'any', bureau: 'lotus', format: 'jsonl', encoding: 'utf-8' },
    subject: { scheme: { column: 'kind', values: { p: 'gb11643', e: 'gb32100' } }, id: { column: 'id' } },
    records: [{ record, fields: { source_record_id: { column: 'no', as: 'text' }, ...fields } }],
    as_of: { const: '2026-10-31' },
    ...(columns.length > 0 ? { format: 'tsv', header: [...columns] } : {}),
    ...more,
  });

/** A field that is a text, and one that is an amount in fen. */
export const text = (column: string, more: object = {}) => ({ column, as: 'text', ...more });
export const fen = (column: string, more: object = {}) => ({ column, as: 'minor', currency: 'CNY', ...more });
