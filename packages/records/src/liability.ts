import Type from 'typebox';
import { Class5Schema } from './account.ts';
import { envelope } from './envelope.ts';
import { closed, CurrencySchema, MinorSchema, OpaqueSchema, PDateSchema, SlugSchema } from './primitives.ts';

/** Somebody else's debt for which the subject answers: as guarantor, co-borrower, or otherwise. */
export const LiabilityRecordSchema = Type.Object(
  {
    ...envelope,
    record: Type.Literal('liability'),
    category: Type.Literal('GUARANTEE'),
    role: Type.Enum(['guarantor', 'counter_guarantor', 'co_borrower', 'bill_payer', 'other']),
    contract_ref: OpaqueSchema,
    /** What kind of subject owes it; never who. */
    for_subject: Type.Optional(Type.Enum(['person', 'enterprise'])),
    business_kind: Type.Optional(SlugSchema),
    lender_ref: Type.Optional(OpaqueSchema),
    currency: CurrencySchema,
    responsibility: Type.Optional(MinorSchema),
    balance: Type.Optional(MinorSchema),
    class5: Type.Optional(Class5Schema),
    overdue_months: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000 })),
    opened: Type.Optional(PDateSchema),
    due: Type.Optional(PDateSchema),
  },
  closed,
);
