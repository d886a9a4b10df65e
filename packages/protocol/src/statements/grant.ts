import { Type, type Static } from 'typebox';
import { rule, type ClaimRule } from '../claim-rule.ts';
import {
  categoriesSchema,
  codeSchema,
  commonClaims,
  digestSchema,
  exact,
  memberIdSchema,
  ruleIdSchema,
  ruleIdsSchema,
  strengthSchema,
  subjectRefSchema,
  toOne,
  useSchema,
  versionSchema,
} from '../claim-types.ts';

/** Seconds that a grant lives. */
export const grantLife = 15;

/**
 * The consumer's agent lets ONE node (`aud`) answer one inquiry. Once per (inquiry, use, bureau) at the
 * bureau; a renewed grant under that key resumes the reservation.
 */
export const grantSchema = exact({
  ...commonClaims,
  ...toOne,
  /** The broker that may present it. */
  presenter: memberIdSchema,
  subject_ref: subjectRefSchema,
  inquiry: digestSchema,
  consent: Type.Optional(digestSchema),
  /** The code of the inquiry's basis, where there is no consent. */
  basis: Type.Optional(codeSchema),
  use: useSchema,
  categories: categoriesSchema,
  /** Ids of what the releasing node must do, from policy. */
  obligations: ruleIdsSchema,
  strength: strengthSchema,
  /**
   * The number of the freeze (of its status) that the subject has opened for this lender alone, and that this
   * grant is given despite. A later freeze, which has a higher number, stops it as any other.
   */
  despite_freeze: Type.Optional(Type.Integer({ minimum: 1 })),
  policy_version: ruleIdSchema,
  /** The directory that the decision relied on; a node behind it fetches before it acts. */
  directory_version: versionSchema,
});

export type Grant = Static<typeof grantSchema>;

/** What must hold between the members of a grant. */
export const grantRules: readonly ClaimRule<Grant>[] = [
  rule('/exp', `must be iat + ${String(grantLife)}`, (c) => c.exp === c.iat + grantLife),
  rule(
    '/consent',
    'or basis must be there, and only one of them',
    (c) => (c.consent === undefined) !== (c.basis === undefined),
  ),
];
