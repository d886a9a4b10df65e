import Type from 'typebox';
import type { Static } from 'typebox';
import { AbsenceSchema, closed, CurrencySchema } from '../primitives.ts';
import { RepaymentScaleSchema } from '../repayment.ts';

/** A column of the file, by its name in the header or its member name in JSON Lines. */
export const ColumnSchema = Type.String({ minLength: 1, maxLength: 128 });

const native = Type.String({ maxLength: 256 });

/** `YYYY`, `MM`, `DD` once each in any order, with any separators: 'YYYY-MM-DD', 'DD.MM.YYYY', 'YYYYMM'. */
const DateFormatSchema = Type.String({ pattern: '^(YYYY|MM|DD|[-/. ]){1,8}$' });

const fromColumn = {
  column: ColumnSchema,
  /** Native spellings of "no value"; the empty text where it is left out. */
  absent: Type.Optional(Type.Array(native, { maxItems: 32 })),
  /** What to state in the record where there is no value; without it the field is just left out. */
  absence: Type.Optional(AbsenceSchema),
};

/** The ways to fill one canonical field, by `as`; `const` is the one that reads no column. */
export const fieldSpecSchemas = {
  const: Type.Object(
    { const: Type.Union([Type.String({ maxLength: 256 }), Type.Integer(), Type.Boolean()]) },
    closed,
  ),
  /** As it stands, after `prefix`. */
  text: Type.Object(
    { ...fromColumn, as: Type.Literal('text'), prefix: Type.Optional(Type.String({ maxLength: 32 })) },
    closed,
  ),
  date: Type.Object(
    { ...fromColumn, as: Type.Literal('date'), format: Type.Optional(DateFormatSchema) },
    closed,
  ),
  /** A plain decimal in the main unit: '8095.20'. */
  decimal: Type.Object({ ...fromColumn, as: Type.Literal('decimal'), currency: CurrencySchema }, closed),
  /** A whole number of minor units: '809520'. */
  minor: Type.Object({ ...fromColumn, as: Type.Literal('minor'), currency: CurrencySchema }, closed),
  integer: Type.Object({ ...fromColumn, as: Type.Literal('integer') }, closed),
  /** A native code through `map`; a code that is not in it rejects the line. */
  code: Type.Object(
    {
      ...fromColumn,
      as: Type.Literal('code'),
      map: Type.Record(native, Type.Union([Type.String({ maxLength: 128 }), Type.Boolean()])),
    },
    closed,
  ),
  /** Month codes packed in one column; `to` is the month of the newest one. */
  history: Type.Object(
    {
      ...fromColumn,
      as: Type.Literal('history'),
      to: Type.Object({ column: ColumnSchema, format: Type.Optional(DateFormatSchema) }, closed),
      newest: Type.Optional(Type.Enum(['first', 'last'])),
      scale: Type.Optional(RepaymentScaleSchema),
    },
    closed,
  ),
} as const;

type Specs = typeof fieldSpecSchemas;

/** How one canonical field gets its value. */
export type FieldSpec = { [K in keyof Specs]: Static<Specs[K]> }[keyof Specs];

export type ColumnSpec = Exclude<FieldSpec, { const: unknown }>;
