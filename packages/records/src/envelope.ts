import Type from 'typebox';
import { AbsenceSchema, closed, DateSchema, OpaqueSchema, PDateSchema, SlugSchema } from './primitives.ts';

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
  display_state: Type.Optional(Type.Enum(['visible', 'marked', 'suppressed', 'restricted', 'expired'])),
  is_adverse: Type.Optional(Type.Boolean()),
  notice_id: Type.Optional(OpaqueSchema),
  adverse_started_on: Type.Optional(PDateSchema),
  first_delinquency_on: Type.Optional(PDateSchema),
  adverse_ended_on: Type.Optional(PDateSchema),
  /** Why a field of this record has no value, by field name. A field is never both here and present. */
  absent: Type.Optional(
    Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,40}$' }), AbsenceSchema, closed),
  ),
} as const;
