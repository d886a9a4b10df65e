import Type from 'typebox';
import { envelope } from './envelope.ts';
import { closed, CurrencySchema, MinorSchema, OpaqueSchema, PDateSchema } from './primitives.ts';

/** A credit agreement: what may be drawn, apart from what was. */
export const FacilityRecordSchema = Type.Object(
  {
    ...envelope,
    record: Type.Literal('facility'),
    category: Type.Enum(['ACCOUNT_SUMMARY', 'ACCOUNT_DETAIL']),
    agreement_ref: OpaqueSchema,
    kind: Type.Enum(['revolving', 'non_revolving', 'card_shared', 'card_single']),
    lender_ref: Type.Optional(OpaqueSchema),
    currency: CurrencySchema,
    limit: Type.Optional(MinorSchema),
    sub_limit: Type.Optional(MinorSchema),
    used: Type.Optional(MinorSchema),
    valid_from: Type.Optional(PDateSchema),
    valid_to: Type.Optional(PDateSchema),
    status: Type.Enum(['effective', 'ended', 'unknown']),
  },
  closed,
);
