import { Type, type Static } from 'typebox';
import { disputeReasons } from '@causeway/records/disputes/index';
import { OpaqueSchema } from '@causeway/records/primitives';
import { rule, type ClaimRule } from '../claim-rule.ts';
import { commonClaims, digestSchema, exact, subjectRefSchema, timeSchema, toOne } from '../claim-types.ts';

/**
 * The subject says that an item at one bureau is wrong, or takes that back. What they write travels beside
 * it, never inside. Judged by `exp` wherever it arrives. Once per (iss, jti).
 */
export const disputeSchema = exact({
  ...commonClaims,
  ...toOne,
  action: Type.Enum(['open', 'withdraw']),
  /** All references of the subject: the item may be stored under any of them. */
  subject_refs: Type.Array(subjectRefSchema, { minItems: 1, maxItems: 16, uniqueItems: true }),
  /** The item, by the bureau's own id of it or by its source's. */
  record: OpaqueSchema,
  reason: Type.Enum([...disputeReasons]),
  /** SHA-256 of what the subject wrote, UTF-8. */
  text_digest: digestSchema,
  /** When the consumer service had it: the clocks run from here. */
  received_at: timeSchema,
  /** The statement that is taken back; the rest is as it was there. */
  opening: Type.Optional(digestSchema),
});

export type DisputeStatement = Static<typeof disputeSchema>;

/** What must hold between the members of a dispute. */
export const disputeRules: readonly ClaimRule<DisputeStatement>[] = [
  rule(
    '/opening',
    'must be there to withdraw a dispute, and only then',
    (c) => (c.action === 'withdraw') === (c.opening !== undefined),
  ),
  rule('/received_at', 'must not be after iat', (c) => c.received_at <= c.iat),
];
