import type { CodeEntry, CodeList } from './code-lists/code-list.ts';
import { codeLists } from './code-lists/index.ts';
import { recordKinds } from './record-kinds.ts';

/** One JSON Schema document of the model, as it is published. */
export interface SchemaDocument {
  readonly name: string;
  readonly kind: 'record' | 'code_list';
  readonly title: string;
  /** The document itself: JSON Schema 2020-12, its `$id` where it is served. */
  readonly document: Readonly<Record<string, unknown>>;
}

const dialect = 'https://json-schema.org/draft/2020-12/schema';

/**
 * The JSON Schema of every kind of record and of every code list, and `record`, which is any of them. `base`
 * is the URL under which they are served, without a slash at its end.
 */
export function schemaDocuments(base: string): readonly SchemaDocument[] {
  const head = (name: string) => ({ $schema: dialect, $id: `${base}/${name}` });
  const kinds = recordKinds.map(({ name, en, about, schema }) => ({
    name,
    kind: 'record' as const,
    title: en,
    document: { ...head(name), title: en, description: about, ...plainJson(schema) },
  }));
  const any = {
    ...head('record'),
    title: 'any record',
    oneOf: recordKinds.map(({ name }) => ({ $ref: `${base}/${name}` })),
  };
  return [
    { name: 'record', kind: 'record', title: 'any record', document: any },
    ...kinds,
    ...codeLists.map((list) => ({
      name: list.name,
      kind: 'code_list' as const,
      title: list.name,
      document: { ...head(list.name), ...listSchema(list) },
    })),
  ];
}

/** A schema without what its builder hides in it. */
function plainJson(schema: object): Readonly<Record<string, unknown>> {
  const plain: unknown = JSON.parse(JSON.stringify(schema));
  return plain as Readonly<Record<string, unknown>>;
}

/** The codes of a list as the strings that are valid; what each means stands beside it as annotations. */
function listSchema({ name, entries, ...list }: CodeList): Readonly<Record<string, unknown>> {
  return { title: name, ...list, type: 'string', anyOf: entries.map(entrySchema) };
}

function entrySchema({ code, en, zh, ...meaning }: CodeEntry): Readonly<Record<string, unknown>> {
  const [from = '', to] = code.split('..');
  const valid = to === undefined ? { const: code } : { pattern: `^[0-9]{${from.length}}$`, from, to };
  return { ...valid, title: en, zh, ...meaning };
}
