import Type from 'typebox';
import { envelope } from './envelope.ts';
import { closed, MoneySchema, PDateSchema } from './primitives.ts';
import { RepaymentHistorySchema } from './repayment.ts';

/** A service that is used first and paid afterwards. */
export const PostpaidRecordSchema = Type.Object(
  {
    ...envelope,
    record: Type.Literal('postpaid'),
    category: Type.Literal('POSTPAID'),
    sector: Type.Enum(['telecom', 'electricity', 'water', 'gas', 'heating', 'other']),
    opened: Type.Optional(PDateSchema),
    status: Type.Enum(['normal', 'arrears', 'closed', 'unknown']),
    arrears: Type.Optional(MoneySchema),
    history: Type.Optional(RepaymentHistorySchema),
  },
  closed,
);
