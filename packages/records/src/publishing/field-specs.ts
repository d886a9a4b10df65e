import Type from 'typebox';
import type { Static, TProperties, TSchema } from 'typebox';
import { AbsenceSchema, closed, CurrencySchema, MinorSchema, MonthSchema } from '../primitives.ts';
import { RepaymentScaleSchema } from '../repayment.ts';

/** A column of the file, by its name in the header, layout or mapping, or its member name in JSON Lines. */
export const ColumnSchema = Type.String({ minLength: 1, maxLength: 128 });

const native = Type.String({ maxLength: 256 });

/**
 * `YYYY`, `MM` or `M`, `DD` or `D` once each in any order, and times `HH`, `mm`, `ss`, which are read and
 * dropped; with any separators: 'YYYY-MM-DD', 'D.M.YYYY', 'YYYYMM', 'YYYY年M月D日'. Or an instant as seconds
 * or milliseconds since 1970.
 */
const DateFormatSchema = Type.String({
  pattern: '^((YYYY|MM|M|DD|D|HH|mm|ss|[-/. :T年月日]){1,12}|epoch_s|epoch_ms)$',
});

const SignSchema = Type.Optional(Type.Enum(['first', 'last']));

/** What an amount below zero is, where the field holds none; a line with one is rejected without it. */
const NegativeSchema = Type.Optional(Type.Enum(['zero', 'absent']));

const codeTarget = Type.Union([Type.String({ maxLength: 128 }), Type.Boolean(), Type.Integer()]);

const BandSchema = Type.Object(
  {
    lower_minor: MinorSchema,
    upper_minor: Type.Optional(MinorSchema),
    lower_open: Type.Boolean(),
    upper_open: Type.Boolean(),
  },
  closed,
);

/** The ways to read one text, by `as`. */
const readings = {
  /** As it stands, after `prefix`; in one case of letters where `letters` says so. */
  text: {
    as: Type.Literal('text'),
    prefix: Type.Optional(Type.String({ maxLength: 32 })),
    letters: Type.Optional(Type.Enum(['lower', 'upper'])),
  },
  /** `zone` is the offset in which an instant becomes a day: '+08:00' where it is left out. */
  date: {
    as: Type.Literal('date'),
    format: Type.Optional(DateFormatSchema),
    zone: Type.Optional(Type.String({ pattern: '^[+-](0[0-9]|1[0-4]):[0-5][0-9]$' })),
  },
  /** A decimal in the main unit: '8095.20', with `thousands` '8,095.20', with `sign` last '8095.20-'. */
  decimal: {
    as: Type.Literal('decimal'),
    currency: CurrencySchema,
    thousands: Type.Optional(Type.Enum([',', '.', ' ', "'"])),
    point: Type.Optional(Type.Enum(['.', ','])),
    sign: SignSchema,
    negative: NegativeSchema,
  },
  /**
   * Digits without a point: of minor units ('809520'), or of as many decimals as `decimals` says; leading
   * zeros are padding.
   */
  minor: {
    as: Type.Literal('minor'),
    currency: CurrencySchema,
    decimals: Type.Optional(Type.Integer({ minimum: 0, maximum: 6 })),
    sign: SignSchema,
    negative: NegativeSchema,
  },
  /** A whole number; with `padded` it may have leading zeros. */
  integer: { as: Type.Literal('integer'), padded: Type.Optional(Type.Boolean()) },
  /** A decimal ratio as parts in a million: '12.5' percent is 125000. */
  ratio: { as: Type.Literal('ratio'), unit: Type.Enum(['percent', 'fraction', 'basis_points']) },
  boolean: {
    as: Type.Literal('boolean'),
    true: Type.Array(native, { minItems: 1, maxItems: 32 }),
    false: Type.Array(native, { minItems: 1, maxItems: 32 }),
  },
  /** A native code through `map`; one that is not in it becomes `else`, or rejects the line. */
  code: {
    as: Type.Literal('code'),
    map: Type.Record(native, codeTarget),
    else: Type.Optional(codeTarget),
  },
  /** A native code that stands for a band of amounts. */
  band: {
    as: Type.Literal('band'),
    currency: CurrencySchema,
    bands: Type.Record(Type.String({ pattern: '^[!-~]{1,32}$' }), BandSchema),
  },
} as const;

const absences = {
  /** Native spellings of "no value"; the empty text where it is left out. */
  absent: Type.Optional(Type.Array(native, { maxItems: 32 })),
  /** What to state in the record where there is no value; without it the field is just left out. */
  absence: Type.Optional(AbsenceSchema),
};

const fromColumn = { column: ColumnSchema, ...absences };

/** The month of the newest code of a history: a column of the line, or the same for all lines. */
const ToSchema = Type.Union([
  Type.Object({ column: ColumnSchema, format: Type.Optional(DateFormatSchema) }, closed),
  Type.Object({ const: MonthSchema }, closed),
]);

const columnOf = <P extends TProperties>(reading: P) => Type.Object({ ...fromColumn, ...reading }, closed);
const readingOf = <P extends TProperties>(reading: P) => Type.Object(reading, closed);

const readingSchemas = {
  text: readingOf(readings.text),
  date: readingOf(readings.date),
  decimal: readingOf(readings.decimal),
  minor: readingOf(readings.minor),
  integer: readingOf(readings.integer),
  ratio: readingOf(readings.ratio),
  boolean: readingOf(readings.boolean),
  code: readingOf(readings.code),
  band: readingOf(readings.band),
} as const;

/** How one text becomes a value. */
export type Reading = {
  [K in keyof typeof readingSchemas]: Static<(typeof readingSchemas)[K]>;
}[keyof typeof readingSchemas];

const ReadingSchema = Type.Unsafe<Reading>(Type.Union(Object.values<TSchema>(readingSchemas)));

const monthColumns = Type.Array(ColumnSchema, { minItems: 1, maxItems: 120 });

/** The ways to fill one canonical field, by `as`; `const` is the one that reads no column. */
export const fieldSpecSchemas = {
  const: Type.Object(
    { const: Type.Union([Type.String({ maxLength: 256 }), Type.Integer(), Type.Boolean()]) },
    closed,
  ),
  text: columnOf(readings.text),
  date: columnOf(readings.date),
  decimal: columnOf(readings.decimal),
  minor: columnOf(readings.minor),
  integer: columnOf(readings.integer),
  ratio: columnOf(readings.ratio),
  boolean: columnOf(readings.boolean),
  code: columnOf(readings.code),
  band: columnOf(readings.band),
  /** Month codes packed in one column; `to` is the month of the newest one. */
  history: Type.Object(
    {
      ...fromColumn,
      as: Type.Literal('history'),
      to: ToSchema,
      newest: Type.Optional(Type.Enum(['first', 'last'])),
      scale: Type.Optional(RepaymentScaleSchema),
      /** Native characters to codes of the scale; one that is not in it rejects the line. */
      map: Type.Optional(
        Type.Record(Type.String({ minLength: 1, maxLength: 1 }), Type.String({ pattern: '^.$' })),
      ),
    },
    closed,
  ),
  /** One column for each month, the oldest first, each a native code through `map`. */
  months: Type.Object(
    {
      columns: monthColumns,
      ...absences,
      as: Type.Literal('months'),
      to: ToSchema,
      map: Type.Record(native, Type.String({ pattern: '^[NM1-7*#ADZBCG/]$' })),
      /** The amount overdue in each of these months, in the same order. */
      overdue: Type.Optional(Type.Object({ columns: monthColumns, ...readings.decimal }, closed)),
    },
    closed,
  ),
  /** A text that a small part of JSONata makes of the line's columns, and how that is read: as it stands. */
  expression: Type.Object(
    {
      ...absences,
      as: Type.Literal('expression'),
      expression: Type.String({ minLength: 1, maxLength: 1024 }),
      read: Type.Optional(ReadingSchema),
    },
    closed,
  ),
} as const;

type Specs = typeof fieldSpecSchemas;

/** How one canonical field gets its value. */
export type FieldSpec = { [K in keyof Specs]: Static<Specs[K]> }[keyof Specs];
export type SpecOf<K extends keyof Specs> = Static<Specs[K]>;
export type ToMonth = Static<typeof ToSchema>;
