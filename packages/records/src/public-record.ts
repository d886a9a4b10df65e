import Type from 'typebox';
import { envelope } from './envelope.ts';
import { closed, CurrencySchema, DateSchema, MinorSchema, PDateSchema, TextSchema } from './primitives.ts';

/** What an authority has made public about the subject. It never outlives the register it comes from. */
export const PublicRecordSchema = Type.Object(
  {
    ...envelope,
    record: Type.Literal('public_record'),
    category: Type.Literal('PUBLIC_RECORD'),
    kind: Type.Enum([
      'tax_arrears',
      'judgment',
      'enforcement',
      'dishonest_debtor',
      'penalty',
      'housing_fund',
      'social_aid',
      'licence',
      'award',
      'bankruptcy',
      'customs_inspection',
      'financing_limit',
    ]),
    authority: Type.Optional(TextSchema),
    case_no: Type.Optional(TextSchema),
    filed_on: Type.Optional(PDateSchema),
    decided_on: Type.Optional(PDateSchema),
    ended_on: Type.Optional(PDateSchema),
    currency: Type.Optional(CurrencySchema),
    amount_claimed: Type.Optional(MinorSchema),
    amount_paid: Type.Optional(MinorSchema),
    result: Type.Optional(TextSchema),
    public_register_until: Type.Optional(DateSchema),
  },
  closed,
);
