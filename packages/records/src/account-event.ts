import Type from 'typebox';
import { envelope } from './envelope.ts';
import { closed, MoneySchema, OpaqueSchema, PDateSchema, TextSchema } from './primitives.ts';

/** A special transaction, a special event or a large instalment of an account. */
export const AccountEventRecordSchema = Type.Object(
  {
    ...envelope,
    record: Type.Literal('account_event'),
    category: Type.Literal('ACCOUNT_DETAIL'),
    account_ref: OpaqueSchema,
    kind: Type.Enum([
      'extension',
      'third_party_repayment',
      'assets_for_debt',
      'prepayment',
      'early_settlement',
      'judicial',
      'relief',
      'sold',
      'policy_deferral',
      'large_instalment',
      'special_event',
      'other',
    ]),
    on: PDateSchema,
    term_change_months: Type.Optional(Type.Integer({ minimum: -600, maximum: 600 })),
    amount: Type.Optional(MoneySchema),
    text: Type.Optional(TextSchema),
  },
  closed,
);
