import Type from 'typebox';
import type { Static, TSchema } from 'typebox';
import { encodings } from '../encodings.ts';
import { BasisSchema } from '../envelope.ts';
import { identifierSchemes } from '../identifiers.ts';
import { closed, MemberIdSchema, SlugSchema } from '../primitives.ts';
import { plainRecordSchemas } from '../record.ts';
import type { PlainRecordKind } from '../record.ts';
import type { FieldSpec } from './field-specs.ts';
import { ColumnSchema, fieldSpecSchemas } from './field-specs.ts';
import { FixedLayoutSchema, XmlLayoutSchema } from './layout.ts';

const SchemeSchema = Type.Enum([...identifierSchemes]);

const FieldSpecSchema = Type.Unsafe<FieldSpec>(Type.Union(Object.values<TSchema>(fieldSpecSchemas)));

const native = Type.String({ maxLength: 256 });

/** Which lines a record is made of. */
const WhenSchema = Type.Union([
  Type.Object({ column: ColumnSchema, equals: native }, closed),
  Type.Object({ column: ColumnSchema, in: Type.Array(native, { minItems: 1, maxItems: 256 }) }, closed),
  Type.Object({ column: ColumnSchema, not_in: Type.Array(native, { minItems: 1, maxItems: 256 }) }, closed),
]);

const recordKinds = [...(Object.keys(plainRecordSchemas) as PlainRecordKind[]), 'profile'] as const;

const RecordRuleSchema = Type.Object(
  {
    record: Type.Enum([...recordKinds]),
    when: Type.Optional(WhenSchema),
    /**
     * By canonical field, or by a member of one behind a point ('basis.consent', 'items.total_assets');
     * `source_record_id` is always among them.
     */
    fields: Type.Record(
      Type.String({ pattern: String.raw`^[a-z][a-z0-9_]{0,47}(\.[A-Za-z][A-Za-z0-9_.-]{0,63})?$` }),
      FieldSpecSchema,
      closed,
    ),
  },
  closed,
);

const from = Type.Object({ column: ColumnSchema }, closed);

const SubjectSchema = Type.Union([
  Type.Object(
    {
      scheme: Type.Union([
        SchemeSchema,
        Type.Object({ column: ColumnSchema, values: Type.Record(native, SchemeSchema) }, closed),
      ]),
      id: from,
    },
    closed,
  ),
  /** Customer numbers of the provider's own, in a sandbox federation only. */
  Type.Object(
    {
      scheme: Type.Literal('sandbox'),
      id: from,
      /** What stands before the digits of each customer number and is left out. */
      prefix: Type.Optional(Type.String({ minLength: 1, maxLength: 32 })),
      /** For customer numbers that are not digits, or longer than eight of them. */
      hashed: Type.Optional(Type.Literal(true)),
    },
    closed,
  ),
]);

/**
 * How a bureau's file becomes records: declarative, so that it can be reviewed, and the same at the bureau
 * and offline. A line may make several records; it is taken whole or rejected whole.
 */
export const MappingSchema = Type.Object(
  {
    v: Type.Literal(1),
    name: Type.String({ pattern: '^[a-z0-9][a-z0-9_.-]{0,63}$' }),
    /** The bureau that may use it. */
    bureau: MemberIdSchema,
    /** Whose records they are; the bureau's own where it is left out. Said in the signed batch. */
    provider: Type.Optional(SlugSchema),
    /** What lets the provider give them to the bureau: a consent, or a law by its name. Likewise. */
    basis: Type.Optional(BasisSchema),
    format: Type.Enum(['csv', 'tsv', 'jsonl', 'xml', 'fixed']),
    encoding: Type.Enum([...encodings]),
    /** Of CSV and TSV: true where the first line names the columns; else their names. */
    header: Type.Optional(
      Type.Union([
        Type.Literal(true),
        Type.Array(ColumnSchema, { minItems: 1, maxItems: 512, uniqueItems: true }),
      ]),
    ),
    /** Of CSV; a comma where it is left out. */
    delimiter: Type.Optional(Type.Enum([',', ';', '|'])),
    /** Of the format `fixed`, and there only. */
    fixed: Type.Optional(FixedLayoutSchema),
    /** Of the format `xml`, and there only. */
    xml: Type.Optional(XmlLayoutSchema),
    subject: SubjectSchema,
    records: Type.Array(RecordRuleSchema, { minItems: 1, maxItems: 16 }),
    /** For records that do not map `as_of` themselves. */
    as_of: Type.Union([fieldSpecSchemas.const, fieldSpecSchemas.date]),
    /**
     * Adverse information about a person without notice is stored instead of rejected; the store shows it to
     * nobody until the notice comes.
     */
    hold_adverse: Type.Optional(Type.Literal(true)),
    /**
     * `snapshot`: the file names all that there is, and what it no longer names is reported, never deleted. A
     * file is an `increment` where it is left out.
     */
    mode: Type.Optional(Type.Enum(['increment', 'snapshot'])),
    /**
     * A line with one of these codes deletes its records; it needs their ids and its day, and nothing else.
     */
    delete: Type.Optional(
      Type.Object({ column: ColumnSchema, in: Type.Array(native, { minItems: 1, maxItems: 64 }) }, closed),
    ),
  },
  closed,
);

export type Mapping = Static<typeof MappingSchema>;
export type RecordRule = Static<typeof RecordRuleSchema>;
export type When = Static<typeof WhenSchema>;
export type SubjectRule = Mapping['subject'];
