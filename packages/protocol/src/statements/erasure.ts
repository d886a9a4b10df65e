import { Type, type Static } from 'typebox';
import { commonClaims, digestSchema, exact, subjectRefSchema, toOne } from '../claim-types.ts';

/**
 * The longest time for which something about this subject must be kept is over: the receiver destroys its key
 * of the subject and deletes what it holds under any of these references, then answers with an ack of this
 * statement. Judged by `exp` wherever it arrives, as who was away learns of it later. Once per (iss, jti).
 * The receiver obeys only if it has acknowledged the `restriction`, if that still stands there, and if its
 * own longest time is over since. The `salt` keeps the digest, which stays in leaves for ever, from telling
 * whom it was about.
 */
export const erasureSchema = exact({
  ...commonClaims,
  ...toOne,
  /** All references of the subject, of both epochs where there are two. */
  subject_refs: Type.Array(subjectRefSchema, { minItems: 1, maxItems: 16, uniqueItems: true }),
  /** Digest of the freeze that `restricts` them, in the version that the receiver has acknowledged. */
  restriction: digestSchema,
});

export type Erasure = Static<typeof erasureSchema>;
