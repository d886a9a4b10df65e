import { Type, type Static } from 'typebox';
import { rule, type ClaimRule } from '../claim-rule.ts';
import {
  commonClaims,
  digestSchema,
  exact,
  purposesSchema,
  subjectRefSchema,
  timeSchema,
  toOne,
} from '../claim-types.ts';

/** What somebody may do for another: read their history, answer for consents, freeze and thaw, dispute. */
export const powers = ['read', 'consent', 'freeze', 'dispute'] as const;

export type Power = (typeof powers)[number];

/**
 * One person may act for another, or may not any longer. The consumer service signs it to itself: it joins
 * two references, and others learn its digest only, in what was done under it. Once per (iss, jti).
 */
export const mandateSchema = exact({
  ...commonClaims,
  ...toOne,
  action: Type.Enum(['grant', 'end']),
  /** For whom, and who. */
  subject_ref: subjectRefSchema,
  agent_ref: subjectRefSchema,
  kind: Type.Enum(['guardian', 'attorney']),
  powers: Type.Array(Type.Enum([...powers]), { minItems: 1, uniqueItems: true }),
  /** Of the consents that it covers; absent, of any purpose. */
  purposes: Type.Optional(purposesSchema),
  valid_from: timeSchema,
  valid_until: timeSchema,
  /**
   * Digest of what it rests on: for a guardian the paper that two officers have seen, for an attorney the
   * identity provider's token of the subject's own sign-in for exactly this.
   */
  evidence: digestSchema,
  /** Digest of the officers' act, where officers granted or ended it. */
  act: Type.Optional(digestSchema),
  /** Digest of the mandate that ends. */
  mandate: Type.Optional(digestSchema),
});

export type Mandate = Static<typeof mandateSchema>;

/** What must hold between the members of a mandate. */
export const mandateRules: readonly ClaimRule<Mandate>[] = [
  rule('/valid_until', 'must be later than valid_from', (c) => c.valid_until > c.valid_from),
  rule('/agent_ref', 'must be another than subject_ref', (c) => c.agent_ref !== c.subject_ref),
  rule(
    '/mandate',
    'must be there to end one, and only then',
    (c) => (c.action === 'end') === (c.mandate !== undefined),
  ),
  rule(
    '/act',
    'must be there for a guardian, and never for an attorney',
    (c) => c.action === 'end' || (c.kind === 'guardian') === (c.act !== undefined),
  ),
];
