import { Type, type Static } from 'typebox';
import { commonClaims, digestSchema, exact, toOne } from '../claim-types.ts';

/**
 * The receiver of a status has stopped: no later release has a leaf below `tree_size`. Once per (iss,
 * status).
 */
export const ackSchema = exact({
  ...commonClaims,
  ...toOne,
  status: digestSchema,
  /** Leaves in the receiver's own ledger when it stopped. */
  tree_size: Type.Integer({ minimum: 0 }),
});

export type Ack = Static<typeof ackSchema>;
