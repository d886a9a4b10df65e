import Type from 'typebox';
import type { Static } from 'typebox';
import { closed } from '../primitives.ts';
import { ColumnSchema } from './field-specs.ts';

const place = {
  /** Offset in bytes from the start of the record, from 0. */
  at: Type.Integer({ minimum: 0, maximum: 65_535 }),
  /** Length in bytes, whatever the encoding. */
  bytes: Type.Integer({ minimum: 1, maximum: 65_536 }),
};

const amount = { ...place, sign: Type.Optional(Type.Enum(['first', 'last'])) };

/**
 * The layout of a file of fixed width. Every record has `record_bytes` bytes, with or without a line end
 * behind it; `type` tells header and trailer records from data records, and `totals` are what the trailer
 * says of the data records. They are checked before anything is taken.
 */
export const FixedLayoutSchema = Type.Object(
  {
    record_bytes: Type.Integer({ minimum: 1, maximum: 65_536 }),
    line_end: Type.Enum(['lf', 'none']),
    columns: Type.Array(
      Type.Object(
        {
          name: ColumnSchema,
          ...place,
          /** Which side's spaces are padding; `right` where it is left out. */
          pad: Type.Optional(Type.Enum(['left', 'right', 'both', 'none'])),
        },
        closed,
      ),
      { minItems: 1, maxItems: 512 },
    ),
    type: Type.Optional(
      Type.Object(
        {
          ...place,
          data: Type.String({ minLength: 1, maxLength: 16 }),
          header: Type.Optional(Type.String({ minLength: 1, maxLength: 16 })),
          trailer: Type.Optional(Type.String({ minLength: 1, maxLength: 16 })),
        },
        closed,
      ),
    ),
    totals: Type.Optional(
      Type.Object(
        {
          /** How many data records there are. */
          count: Type.Optional(Type.Object(place, closed)),
          /** The sum of a column's whole numbers, of which `sign` says where the sign stands in both. */
          sums: Type.Optional(
            Type.Array(Type.Object({ ...amount, column: ColumnSchema }, closed), {
              minItems: 1,
              maxItems: 8,
            }),
          ),
        },
        closed,
      ),
    ),
  },
  closed,
);

export type FixedLayout = Static<typeof FixedLayoutSchema>;

const name = String.raw`[\p{L}_][\p{L}\p{N}_.:-]{0,63}`;

/**
 * Where an XML document holds its rows, as a path of element names from the root, and where a row holds its
 * columns: a path of elements below the row, or an attribute behind `@`.
 */
export const XmlLayoutSchema = Type.Object(
  {
    row: Type.String({ pattern: `^(/${name}){1,16}$` }),
    columns: Type.Record(
      Type.String({ minLength: 1, maxLength: 128 }),
      Type.String({ pattern: `^(${name}(/${name}){0,15}(/@${name})?|@${name})$` }),
    ),
  },
  closed,
);

export type XmlLayout = Static<typeof XmlLayoutSchema>;
