import Type from 'typebox';
import { envelope } from './envelope.ts';
import {
  closed,
  CurrencySchema,
  OpaqueSchema,
  PDateSchema,
  SignedMinorSchema,
  SlugSchema,
} from './primitives.ts';

/** An enterprise's financial statement of one period, item by item. */
export const StatementRecordSchema = Type.Object(
  {
    ...envelope,
    record: Type.Literal('statement'),
    category: Type.Literal('FINANCIALS'),
    kind: Type.Enum(['balance_sheet', 'income', 'cash_flow']),
    period: PDateSchema,
    span: Type.Enum(['year', 'half_year', 'quarter', 'month']),
    standard: SlugSchema,
    audited: Type.Optional(Type.Boolean()),
    currency: CurrencySchema,
    items: Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,47}$' }), SignedMinorSchema, {
      ...closed,
      minProperties: 1,
      maxProperties: 200,
    }),
  },
  closed,
);

/** What a rating agency says of an enterprise, or of one of its debts. */
export const RatingRecordSchema = Type.Object(
  {
    ...envelope,
    record: Type.Literal('rating'),
    category: Type.Literal('FINANCIALS'),
    agency: SlugSchema,
    grade: OpaqueSchema,
    outlook: Type.Optional(Type.Enum(['positive', 'stable', 'negative', 'unknown'])),
    rated_on: Type.Optional(PDateSchema),
  },
  closed,
);
