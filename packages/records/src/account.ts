import Type from 'typebox';
import type { Static } from 'typebox';
import { envelope } from './envelope.ts';
import {
  closed,
  CurrencySchema,
  DigestSchema,
  MinorSchema,
  OpaqueSchema,
  PDateSchema,
  PpmSchema,
  SlugSchema,
} from './primitives.ts';
import { RepaymentHistorySchema } from './repayment.ts';

export const AccountTypeSchema = Type.Enum([
  'term',
  'revolving_loan',
  'credit_card',
  'semi_credit_card',
  'revolving_draw',
  'recovery',
  'lease',
  'securities_financing',
]);

export type AccountType = Static<typeof AccountTypeSchema>;

/**
 * The state of an account, the same words for every type; which native code means which depends on the type.
 */
export const AccountStatusSchema = Type.Enum([
  'normal',
  'overdue',
  'settled',
  'bad_debt',
  'transferred',
  'frozen',
  'stopped',
  'closed',
  'inactive',
  'collateral_short',
  'forced_liquidation',
  'judicial_recovery',
  'collecting',
  'ended',
  'unknown',
]);

export type AccountStatus = Static<typeof AccountStatusSchema>;

/** How often a payment falls due (the PBOC list of repayment frequencies, in words). */
export const FrequencySchema = Type.Enum([
  'day',
  'week',
  'ten_day',
  'two_week',
  'month',
  'two_month',
  'quarter',
  'half_year',
  'year',
  'once',
  'irregular',
  'other',
]);

export type Frequency = Static<typeof FrequencySchema>;

/** The five classes of a loan's quality, and two of the PBOC report beside them. */
export const Class5Schema = Type.Enum([
  'normal',
  'special_mention',
  'substandard',
  'doubtful',
  'loss',
  'default',
  'unclassified',
]);

/** Overdue principal by how long it has been overdue. */
const BucketsSchema = Type.Object(
  {
    d31_60: Type.Optional(MinorSchema),
    d61_90: Type.Optional(MinorSchema),
    d91_180: Type.Optional(MinorSchema),
    d181: Type.Optional(MinorSchema),
  },
  closed,
);

const count = Type.Integer({ minimum: 0, maximum: 10_000 });

/**
 * A credit account. Amounts are minor units of `currency`; `scheduled_due` is what falls due in the month of
 * `as_of`.
 */
export const AccountRecordSchema = Type.Object(
  {
    ...envelope,
    record: Type.Literal('account'),
    category: Type.Enum(['ACCOUNT_SUMMARY', 'ACCOUNT_DETAIL']),
    account_ref: OpaqueSchema,
    type: AccountTypeSchema,
    currency: CurrencySchema,
    status: AccountStatusSchema,
    status_native: Type.Optional(OpaqueSchema),
    business_kind: Type.Optional(SlugSchema),
    lender_ref: Type.Optional(OpaqueSchema),
    lender_type: Type.Optional(SlugSchema),
    contract_digest: Type.Optional(DigestSchema),
    joint_role: Type.Optional(SlugSchema),
    security_kind: Type.Optional(SlugSchema),
    opened: Type.Optional(PDateSchema),
    due: Type.Optional(PDateSchema),
    closed: Type.Optional(PDateSchema),
    original: Type.Optional(MinorSchema),
    limit: Type.Optional(MinorSchema),
    balance: Type.Optional(MinorSchema),
    used: Type.Optional(MinorSchema),
    scheduled_due: Type.Optional(MinorSchema),
    actual_paid: Type.Optional(MinorSchema),
    overdue_total: Type.Optional(MinorSchema),
    overdue_principal: Type.Optional(BucketsSchema),
    shared_limit: Type.Optional(MinorSchema),
    average_used_6m: Type.Optional(MinorSchema),
    peak_used: Type.Optional(MinorSchema),
    /** The yearly rate. */
    rate_ppm: Type.Optional(PpmSchema),
    /** Who funds a joint loan, each by its share. */
    co_lenders: Type.Optional(
      Type.Array(Type.Object({ lender_ref: OpaqueSchema, share_ppm: PpmSchema }, closed), {
        minItems: 1,
        maxItems: 16,
      }),
    ),
    last_paid_on: Type.Optional(PDateSchema),
    overdue_terms: Type.Optional(count),
    term_count: Type.Optional(count),
    remaining_terms: Type.Optional(count),
    repayment_frequency: Type.Optional(FrequencySchema),
    class5: Type.Optional(Class5Schema),
    history: Type.Optional(RepaymentHistorySchema),
  },
  closed,
);
