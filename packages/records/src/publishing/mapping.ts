import { identifierSchemes } from '../identifiers.ts';
import Type from 'typebox';
import type { Static } from 'typebox';
import { BasisSchema } from '../envelope.ts';
import { closed, MemberIdSchema, SlugSchema } from '../primitives.ts';
import type { FieldSpec } from './field-specs.ts';
import { ColumnSchema, fieldSpecSchemas } from './field-specs.ts';

const SchemeSchema = Type.Enum([...identifierSchemes]);

const FieldSpecSchema = Type.Unsafe<FieldSpec>(Type.Union(Object.values(fieldSpecSchemas)));

const native = Type.String({ maxLength: 256 });

/** Which lines a record is made of. */
const WhenSchema = Type.Union([
  Type.Object({ column: ColumnSchema, equals: native }, closed),
  Type.Object({ column: ColumnSchema, in: Type.Array(native, { minItems: 1, maxItems: 256 }) }, closed),
]);

const RecordRuleSchema = Type.Object(
  {
    record: Type.Enum(['account', 'obligation', 'inquiry', 'profile']),
    when: Type.Optional(WhenSchema),
    /** By canonical field; `source_record_id` is always among them. */
    fields: Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,40}$' }), FieldSpecSchema, closed),
  },
  closed,
);

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
    format: Type.Enum(['csv', 'tsv', 'jsonl']),
    encoding: Type.Literal('utf-8'),
    /** True where the first line names the columns; else their names. JSON Lines needs neither. */
    header: Type.Optional(
      Type.Union([
        Type.Literal(true),
        Type.Array(ColumnSchema, { minItems: 1, maxItems: 512, uniqueItems: true }),
      ]),
    ),
    /** Of CSV; a comma where it is left out. */
    delimiter: Type.Optional(Type.Enum([',', ';', '|'])),
    subject: Type.Object(
      {
        scheme: Type.Union([
          SchemeSchema,
          Type.Object({ column: ColumnSchema, values: Type.Record(native, SchemeSchema) }, closed),
        ]),
        id: Type.Object({ column: ColumnSchema }, closed),
      },
      closed,
    ),
    records: Type.Array(RecordRuleSchema, { minItems: 1, maxItems: 16 }),
    /** For records that do not map `as_of` themselves. */
    as_of: Type.Union([fieldSpecSchemas.const, fieldSpecSchemas.date]),
    /**
     * `snapshot`: the file names all that there is, and what it no longer names is reported, never deleted. A
     * file is an `increment` where it is left out.
     */
    mode: Type.Optional(Type.Enum(['increment', 'snapshot'])),
    /**
     * `hold`: adverse information of which the person was not told yet is taken and shown to nobody until a
     * notice comes. Its line is rejected where this is left out.
     */
    unnoticed: Type.Optional(Type.Enum(['reject', 'hold'])),
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
