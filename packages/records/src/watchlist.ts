import Type from 'typebox';
import { envelope } from './envelope.ts';
import {
  closed,
  MoneyBandSchema,
  MoneySchema,
  OpaqueSchema,
  PDateSchema,
  SlugSchema,
  TextSchema,
} from './primitives.ts';

/** An entry of an industry's list of attention. */
export const WatchlistRecordSchema = Type.Object(
  {
    ...envelope,
    record: Type.Literal('watchlist'),
    category: Type.Literal('WATCHLIST'),
    list: SlugSchema,
    sector: SlugSchema,
    risk_type: SlugSchema,
    risk_code: OpaqueSchema,
    /** From 0, as the source grades it. */
    severity: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
    settled: Type.Optional(Type.Boolean()),
    amount: Type.Optional(Type.Union([MoneySchema, MoneyBandSchema])),
    occurred: Type.Optional(PDateSchema),
    refreshed_on: Type.Optional(PDateSchema),
    dispute_state: Type.Optional(Type.Enum(['none', 'open', 'resolved', 'unknown'])),
    statement: Type.Optional(TextSchema),
  },
  closed,
);
