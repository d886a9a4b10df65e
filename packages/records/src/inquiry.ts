import Type from 'typebox';
import { envelope } from './envelope.ts';
import { closed, DateSchema, OpaqueSchema, SlugSchema } from './primitives.ts';
import { InquiryKindSchema, PurposeSchema } from './purposes.ts';

/** An earlier inquiry that the bureau itself answered. The requester is an opaque reference. */
export const InquiryRecordSchema = Type.Object(
  {
    ...envelope,
    record: Type.Literal('inquiry'),
    category: Type.Literal('INQUIRY'),
    requester_ref: OpaqueSchema,
    requester_type: Type.Optional(SlugSchema),
    purpose: PurposeSchema,
    kind: InquiryKindSchema,
    on: DateSchema,
  },
  closed,
);
