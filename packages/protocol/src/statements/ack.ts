import { Type, type Static } from 'typebox';
import { commonClaims, digestSchema, exact, toOne } from '../claim-types.ts';

/**
 * The receiver of a status has stopped: no release under what was stopped has a leaf at `tree_size` or
 * beyond. Once per (iss, status). `status` is the digest of a status; for rights that were taken away, of the
 * directory head that says so; of an erasure, once the key is destroyed and the rows are gone.
 */
export const ackSchema = exact({
  ...commonClaims,
  ...toOne,
  status: digestSchema,
  /** Leaves in the receiver's own ledger when it stopped. */
  tree_size: Type.Integer({ minimum: 0 }),
});

export type Ack = Static<typeof ackSchema>;
