import { limits } from '@causeway/kernel';
import Type from 'typebox';
import type { Static, TObject, TProperties, TSchema } from 'typebox';
import {
  closed,
  CurrencySchema,
  DateSchema,
  DigestSchema,
  MemberIdSchema,
  OpaqueSchema,
  PDateSchema,
} from './primitives.ts';
import { EnterpriseProfileSchema, PersonProfileSchema } from './profile.ts';
import { plainRecordSchemas } from './record.ts';
import type { PlainRecordKind } from './record.ts';

/** All records that all bureaus of one inquiry may disclose. */
const itemsMax = limits.recordsMax * limits.bureausMax;
const count = Type.Integer({ minimum: 0, maximum: itemsMax });

/** Where a merged row comes from: the record, its bureau and the signed disclosure that carried it. */
export const SourceSchema = Type.Object(
  { bureau: MemberIdSchema, record_id: OpaqueSchema, disclosure: DigestSchema },
  closed,
);

/** A value that the chosen record lacked and another bureau's record of the same debt supplied. */
const FilledSchema = Type.Object(
  { field: OpaqueSchema, bureau: MemberIdSchema, record_id: OpaqueSchema },
  closed,
);

/**
 * Beside the record: its sources (the chosen one first) and, for a recognised debt, its index in
 * `same_debts`.
 */
const provenance = {
  sources: Type.Array(SourceSchema, { minItems: 1, maxItems: 64 }),
  same_debt: Type.Optional(count),
  filled: Type.Optional(Type.Array(FilledSchema, { minItems: 1, maxItems: 64 })),
} as const;

const mergedOf = <P extends TProperties>({ properties }: TObject<P>) =>
  Type.Object({ ...properties, ...provenance }, closed);

export const MergedAccountSchema = mergedOf(plainRecordSchemas.account);
export const MergedObligationSchema = mergedOf(plainRecordSchemas.obligation);
const MergedProfileSchema = Type.Union([mergedOf(PersonProfileSchema), mergedOf(EnterpriseProfileSchema)]);

/** Why records of several bureaus are taken for one debt. */
export const SameDebtRuleSchema = Type.Enum(['contract', 'equal_terms', 'instalment']);

/**
 * One debt that several bureaus report, with the rules that recognised it. It counts once in the exposure.
 */
export const SameDebtSchema = Type.Object(
  {
    rules: Type.Array(SameDebtRuleSchema, { minItems: 1, maxItems: 3 }),
    members: Type.Array(
      Type.Object(
        { bureau: MemberIdSchema, record: Type.Enum(['account', 'obligation']), record_id: OpaqueSchema },
        closed,
      ),
      { minItems: 2, maxItems: 64 },
    ),
  },
  closed,
);

const list = <T extends TSchema>(schema: T) => Type.Array(schema, { maxItems: itemsMax });

const further = <P extends TProperties>(schema: TObject<P>) =>
  Type.Optional(Type.Array(mergedOf(schema), { minItems: 1, maxItems: itemsMax }));

/**
 * Kinds of record that came after the first reports; a list is there where it has a row, so that what was
 * signed before them still says the same.
 */
const furtherLists = {
  account_events: further(plainRecordSchemas.account_event),
  annotations: further(plainRecordSchemas.annotation),
  conditional: further(plainRecordSchemas.conditional),
  facilities: further(plainRecordSchemas.facility),
  liabilities: further(plainRecordSchemas.liability),
  postpaid: further(plainRecordSchemas.postpaid),
  public_records: further(plainRecordSchemas.public_record),
  ratings: further(plainRecordSchemas.rating),
  relations: further(plainRecordSchemas.relation),
  scores: further(plainRecordSchemas.score),
  statements: further(plainRecordSchemas.statement),
  watchlist: further(plainRecordSchemas.watchlist),
} as const;

/** The list of a report in which records of a kind stand. */
export const furtherListOf = {
  account_event: 'account_events',
  annotation: 'annotations',
  conditional: 'conditional',
  facility: 'facilities',
  liability: 'liabilities',
  postpaid: 'postpaid',
  public_record: 'public_records',
  rating: 'ratings',
  relation: 'relations',
  score: 'scores',
  statement: 'statements',
  watchlist: 'watchlist',
} as const satisfies Readonly<Partial<Record<PlainRecordKind, keyof typeof furtherLists>>>;

/**
 * All records of all answering bureaus, each debt one row, in an order that the inputs' order does not
 * change.
 */
export const MergedFileSchema = Type.Object(
  {
    accounts: list(MergedAccountSchema),
    obligations: list(MergedObligationSchema),
    profiles: list(MergedProfileSchema),
    inquiries: list(mergedOf(plainRecordSchemas.inquiry)),
    same_debts: Type.Array(SameDebtSchema, { maxItems: itemsMax }),
    ...furtherLists,
  },
  closed,
);

/** A sum of many amounts: wider than one amount, so that no answer can make a report impossible. */
const SumSchema = Type.String({ pattern: '^(0|[1-9][0-9]{0,26})$' });

/**
 * Totals in one currency; there is no rate between two. `not_stated` counts open debts without that amount.
 */
export const ExposureGroupSchema = Type.Object(
  {
    currency: CurrencySchema,
    open_accounts: count,
    lender_count: count,
    total_limit: SumSchema,
    total_balance: SumSchema,
    monthly_due: SumSchema,
    overdue_now: SumSchema,
    not_stated: Type.Object({ balance: count, monthly_due: count, overdue: count }, closed),
  },
  closed,
);

/**
 * What the subject owes. `lower_bound` says that a bureau in scope did not answer, so that it may be more.
 */
export const ExposureSchema = Type.Object(
  { groups: Type.Array(ExposureGroupSchema, { maxItems: 64 }), lower_bound: Type.Boolean() },
  closed,
);

const value = Type.Union([Type.String({ maxLength: 256 }), Type.Integer(), Type.Boolean()]);

/**
 * Bureaus that disagree. `rule` says how `chosen` was found (an index into `values`); an ambiguity has none:
 * the records stay apart.
 */
export const ConflictSchema = Type.Object(
  {
    field: OpaqueSchema,
    same_debt: Type.Optional(count),
    values: Type.Array(
      Type.Object({ bureau: MemberIdSchema, record_id: OpaqueSchema, value, as_of: PDateSchema }, closed),
      { minItems: 2, maxItems: 64 },
    ),
    chosen: Type.Optional(count),
    rule: Type.Enum(['latest_as_of', 'larger_amount', 'bureau_order', 'ambiguous_same_debt']),
  },
  closed,
);

export const bureauOutcomes = [
  'answered',
  'empty',
  'not_found',
  'refused',
  'frozen',
  'timeout',
  'error',
  'stale',
  'skipped',
] as const;

/** One row per bureau in scope, never silence. `code` is an error code where the bureau did not answer. */
export const ManifestRowSchema = Type.Object(
  {
    bureau: MemberIdSchema,
    outcome: Type.Enum([...bureauOutcomes]),
    records: count,
    as_of: Type.Optional(DateSchema),
    disclosure: Type.Optional(DigestSchema),
    code: Type.Optional(Type.String({ pattern: '^[a-z][a-z_]{0,47}$' })),
  },
  closed,
);

export type Source = Static<typeof SourceSchema>;
export type SameDebt = Static<typeof SameDebtSchema>;
export type SameDebtRule = Static<typeof SameDebtRuleSchema>;
export type MergedAccount = Static<typeof MergedAccountSchema>;
export type MergedObligation = Static<typeof MergedObligationSchema>;
export type MergedFile = Static<typeof MergedFileSchema>;
export type ExposureGroup = Static<typeof ExposureGroupSchema>;
export type Exposure = Static<typeof ExposureSchema>;
export type Conflict = Static<typeof ConflictSchema>;
export type ManifestRow = Static<typeof ManifestRowSchema>;
export type BureauOutcome = ManifestRow['outcome'];
