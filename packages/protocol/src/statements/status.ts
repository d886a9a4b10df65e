import { Type, type Static } from 'typebox';
import { rule, type ClaimRule } from '../claim-rule.ts';
import { commonClaims, digestSchema, exact, subjectRefSchema, toMany } from '../claim-types.ts';

/** The consumer service stops or resumes releases. Once per (iss, first ref of the subject, sequence). */
export const statusSchema = exact({
  ...commonClaims,
  ...toMany,
  action: Type.Enum(['revoke', 'pause', 'resume', 'freeze', 'thaw']),
  /** All references of the subject. */
  subject_refs: Type.Array(subjectRefSchema, { minItems: 1, maxItems: 16, uniqueItems: true }),
  /** Counts per subject, without gaps. */
  sequence: Type.Integer({ minimum: 1 }),
  /** The consent that is revoked, paused or resumed. */
  consent: Type.Optional(digestSchema),
});

export type Status = Static<typeof statusSchema>;

const ofConsent: ReadonlySet<string> = new Set(['revoke', 'pause', 'resume']);

/** What must hold between the members of a status. */
export const statusRules: readonly ClaimRule<Status>[] = [
  rule(
    '/consent',
    'must be there to revoke, pause or resume, and only then',
    (c) => ofConsent.has(c.action) === (c.consent !== undefined),
  ),
];
