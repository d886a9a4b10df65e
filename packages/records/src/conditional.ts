import Type from 'typebox';
import { envelope } from './envelope.ts';
import { closed, MoneyBandSchema, MoneySchema, OpaqueSchema, PDateSchema } from './primitives.ts';

/**
 * Data that may be collected only after the subject was told of the adverse consequences and has consented in
 * writing (Regulation on the Credit Reporting Industry, article 14, second paragraph): both are named by
 * `consequence_notice` and `basis.consent`.
 */
export const ConditionalRecordSchema = Type.Object(
  {
    ...envelope,
    record: Type.Literal('conditional'),
    category: Type.Literal('CONDITIONAL'),
    kind: Type.Enum(['income', 'deposit', 'securities', 'commercial_insurance', 'real_estate', 'tax_amount']),
    consequence_notice: OpaqueSchema,
    amount: Type.Optional(Type.Union([MoneySchema, MoneyBandSchema])),
    period: Type.Optional(PDateSchema),
  },
  closed,
);
