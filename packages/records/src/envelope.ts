import Type from 'typebox';
import {
  AbsenceSchema,
  closed,
  DateSchema,
  DigestSchema,
  OpaqueSchema,
  PDateSchema,
  SlugSchema,
  TextSchema,
} from './primitives.ts';

const fieldName = '^[a-z][a-z0-9_]{0,40}$';

/** A mark or a text that travels with a record wherever it goes. */
export const MarkSchema = Type.Object(
  {
    kind: Type.Enum(['dispute_mark', 'subject_statement', 'provider_note', 'bureau_note']),
    text: Type.Optional(TextSchema),
    added_on: DateSchema,
    ends_on: Type.Optional(DateSchema),
  },
  closed,
);

/** How a record is shown: as it is, with a mark, or not at all (three reasons that are never one flag). */
export const DisplayStateSchema = Type.Enum(['visible', 'marked', 'suppressed', 'restricted', 'expired']);

/** What lets a provider give records to a bureau: a consent, or a law by its name. */
export const BasisSchema = Type.Object(
  { consent: Type.Optional(DigestSchema), law: Type.Optional(OpaqueSchema) },
  { ...closed, minProperties: 1 },
);

/**
 * What every record carries beside its own fields (spread into each schema). `record_id` is unique within its
 * bureau; `source_record_id` is the native system's own id; `as_of` is the day the facts were true, in the
 * source's precision. The clock of deletion starts at `adverse_ended_on`, so both adverse dates are kept.
 */
export const envelope = {
  record_id: OpaqueSchema,
  source_institution: Type.Optional(SlugSchema),
  source_record_id: OpaqueSchema,
  as_of: PDateSchema,
  reported_on: Type.Optional(DateSchema),
  version: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  /** The signed batch that published it. */
  batch: Type.Optional(DigestSchema),
  /** What lets the provider give it to the bureau: a consent, or a law by its name. */
  basis: Type.Optional(BasisSchema),
  display_state: Type.Optional(DisplayStateSchema),
  /** Why it is shown otherwise than it was reported, by the id of the rule that says so. */
  display_override: Type.Optional(OpaqueSchema),
  marks: Type.Optional(Type.Array(MarkSchema, { minItems: 1, maxItems: 16 })),
  is_adverse: Type.Optional(Type.Boolean()),
  notice_id: Type.Optional(OpaqueSchema),
  /** Names the rule under which an adverse record needs no prior notice: lawfully public information. */
  notice_exemption: Type.Optional(SlugSchema),
  adverse_started_on: Type.Optional(PDateSchema),
  first_delinquency_on: Type.Optional(PDateSchema),
  adverse_ended_on: Type.Optional(PDateSchema),
  /** Derived by the retention rule that is named beside it, never typed in: the last day it may be shown. */
  expires_on: Type.Optional(DateSchema),
  retention_rule: Type.Optional(OpaqueSchema),
  /** Why a field of this record has no value, by field name. A field is never both here and present. */
  absent: Type.Optional(Type.Record(Type.String({ pattern: fieldName }), AbsenceSchema, closed)),
  /** The source's own code behind a canonical value, by field name, and whose codes they are. */
  native: Type.Optional(
    Type.Record(Type.String({ pattern: fieldName }), Type.String({ maxLength: 64 }), closed),
  ),
  native_scheme: Type.Optional(SlugSchema),
  /** What the source says beyond the model, by its own names, so that an adapter loses nothing. */
  native_ext: Type.Optional(
    Type.Record(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_.-]{0,63}$' }), Type.String({ maxLength: 512 }), {
      ...closed,
      maxProperties: 64,
    }),
  ),
} as const;
