import Type from 'typebox';
import { FrequencySchema } from './account.ts';
import { envelope } from './envelope.ts';
import { closed, MoneySchema, OpaqueSchema, PDateSchema } from './primitives.ts';

/**
 * A regular payment as the paying account sees it: it proves that something is being paid, not to whom it is
 * owed. `instalment` is one payment; loan and lease payments are debts, the others are not.
 */
export const ObligationRecordSchema = Type.Object(
  {
    ...envelope,
    record: Type.Literal('obligation'),
    category: Type.Enum(['ACCOUNT_SUMMARY', 'ACCOUNT_DETAIL', 'POSTPAID']),
    kind: Type.Enum(['loan', 'lease', 'household', 'insurance', 'other']),
    instalment: MoneySchema,
    payee_ref: Type.Optional(OpaqueSchema),
    frequency: FrequencySchema,
    status: Type.Enum(['active', 'ended', 'unknown']),
    opened: Type.Optional(PDateSchema),
  },
  closed,
);
