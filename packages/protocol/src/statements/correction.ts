import { Type, type Static } from 'typebox';
import { OpaqueSchema } from '@causeway/records/primitives';
import { commonClaims, digestSchema, exact, memberIdSchema, toOne } from '../claim-types.ts';

/**
 * What a lender was given under an inquiry was wrong in one item, and what became of that. It brings no data:
 * the corrected item takes an inquiry of its own. Once per (iss, inquiry, handling).
 */
export const correctionSchema = exact({
  ...commonClaims,
  ...toOne,
  /** The inquiry under which the lender was given the item. */
  inquiry: digestSchema,
  bureau: memberIdSchema,
  /** The item as the dispute named it: the bureau's own id of it or its source's. */
  record: OpaqueSchema,
  outcome: Type.Enum(['corrected', 'deleted']),
  /** The bureau's statement that says so. */
  handling: digestSchema,
});

export type Correction = Static<typeof correctionSchema>;
