// The page docs/records.md, from the schemas and code lists of packages/records.
import { type CodeEntry, type CodeList, codeLists, needOf } from '@causeway/records';
import { envelope } from '@causeway/records/envelope';
import { recordKinds } from '@causeway/records/record-kinds';
import { recordDoubts, recordRules } from '@causeway/records/record-rules';

/** What of JSON Schema the page tells. */
interface Shape {
  readonly title?: string;
  readonly const?: string | number | boolean;
  readonly enum?: readonly (string | number)[];
  readonly anyOf?: readonly Shape[];
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly patternProperties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
}

type RecordKind = (typeof recordKinds)[number];

const shared = new Set(Object.keys(envelope));

/** The whole page. The same model gives the same bytes. */
export function recordsPage(): string {
  return [
    '# Records and code lists',
    '',
    'Written by `pnpm write-docs` from `packages/records`; a test fails when it is out of date. An authority',
    'serves the same as JSON Schema 2020-12 at `/schemas/{name}`.',
    '',
    'Amounts are minor units as decimal text, never a float; dates keep the precision of their source; a',
    'missing value is never a zero, and `absent` can say why it is missing. No record names its subject, and',
    'none has a field for a contact, a place, a device or a person’s name.',
    '',
    ...envelopeLines(),
    ...recordKinds.flatMap(kindLines),
    ...ruleLines(),
    '## Code lists',
    '',
    'What a native code becomes. It stays beside that, in `native` of the record or of its history.',
    '',
    ...codeLists.flatMap(listLines),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

function envelopeLines(): string[] {
  const [first] = recordKinds;
  const shape = shapeOf(first.schema);
  const fields = Object.entries(shape.properties ?? {}).filter(([name]) => shared.has(name));
  const rows = fields.map(([name, each]) => [`\`${name}\``, typeText(each), needed(shape, name)]);
  return ['## Every record', '', ...table(['field', 'value', 'needed'], rows), ''];
}

function kindLines(kind: RecordKind): string[] {
  const shape = shapeOf(kind.schema);
  const fields = Object.entries(shape.properties ?? {}).filter(([name]) => !shared.has(name));
  const rows = fields.map(([name, each]) => [
    `\`${name}\``,
    typeText(each),
    needed(shape, name),
    openedBy(kind, name),
  ]);
  return [
    `## ${capital(kind.en)} · ${kind.zh}`,
    '',
    `\`/schemas/${kind.name}\`. ${kind.about}`,
    '',
    ...table(['field', 'value', 'needed', 'opened by'], rows),
    '',
  ];
}

/** The categories that open a field; those of the record itself are its `category`. */
function openedBy({ schema }: RecordKind, field: string): string {
  if (field === 'record' || field === 'category') return '';
  const { record, kind } = shapeOf(schema).properties ?? {};
  const need = needOf({ record: record?.const as never, kind: kind?.const });
  const further = need?.(field) ?? [];
  return further.length === 0 ? 'its category' : further.map((category) => `\`${category}\``).join(', ');
}

function ruleLines(): string[] {
  const rows = (rules: readonly { id: string; message: string }[]) =>
    rules.map(({ id, message }) => [`\`${id}\``, `a field ${message}`]);
  return [
    '## Rules',
    '',
    'Beyond its schema, these keep a record out. A publisher is told rule and field, never the value.',
    '',
    ...table(['rule', 'broken where'], rows(recordRules)),
    '',
    'These are odd but may be true: the record enters, with a warning.',
    '',
    ...table(['warning', 'said where'], rows(recordDoubts)),
    '',
  ];
}

function listLines(list: CodeList): string[] {
  const entries: readonly CodeEntry[] = list.entries;
  const columns = [
    ['code', ({ code }: CodeEntry) => (code.trim() === '' ? '(blank)' : `\`${code}\``)],
    ['type', ({ scope }: CodeEntry) => (scope ?? []).join(', ')],
    ['canonical', ({ canonical }: CodeEntry) => (canonical === null ? '' : `\`${canonical}\``)],
    ['packed', ({ packed }: CodeEntry) => (packed === undefined ? '' : `\`${packed}\``)],
    ['days past due', ({ dpd }: CodeEntry) => rangeText(dpd)],
    ['English', ({ en }: CodeEntry) => en],
    ['中文', ({ zh }: CodeEntry) => zh],
  ] as const;
  const told = columns.filter(([, cell]) => entries.some((entry) => cell(entry) !== ''));
  const rows = entries.map((entry) => told.map(([, cell]) => cell(entry)));
  return [
    `### ${list.name}`,
    '',
    `For \`${list.field}\`, edition ${list.version}. Source: ${list.source}.`,
    ...(list.note === undefined ? [] : ['', list.note]),
    '',
    ...table(
      told.map(([head]) => head),
      rows,
    ),
    '',
  ];
}

function rangeText(dpd: CodeEntry['dpd']): string {
  if (!dpd) return '';
  return dpd.max === null ? `${dpd.min}+` : `${dpd.min}–${dpd.max}`;
}

const shapeOf = (schema: object): Shape => JSON.parse(JSON.stringify(schema)) as Shape;

const needed = ({ required = [] }: Shape, name: string): string => (required.includes(name) ? 'yes' : '');

/** What a field can hold, in a few words. */
function typeText(shape: Shape): string {
  if (shape.const !== undefined) return `\`${String(shape.const)}\``;
  if (shape.enum) return shape.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (shape.title !== undefined) return shape.title;
  if (shape.anyOf) return shape.anyOf.map(typeText).join(' or ');
  if (shape.items) return `list of: ${typeText(shape.items)}`;
  if (shape.properties) {
    return Object.entries(shape.properties)
      .map(([name, each]) => `\`${name}\`: ${typeText(each)}`)
      .join('; ');
  }
  const [entry] = Object.values(shape.patternProperties ?? {});
  if (entry) return `by name: ${typeText(entry)}`;
  if (shape.type === 'integer') return `whole number, ${shape.minimum} to ${shape.maximum}`;
  return shape.type === 'boolean' ? 'true or false' : 'text';
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), `|${heads.map(() => '---|').join('')}`, ...rows.map(line)];
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
