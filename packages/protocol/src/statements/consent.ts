import { PurposeSchema } from '@causeway/records';
import { Type, type Static } from 'typebox';
import {
  bureausSchema,
  categoriesSchema,
  commonClaims,
  digestSchema,
  durationSchema,
  exact,
  memberIdSchema,
  strengthSchema,
  subjectRefSchema,
  timeSchema,
  toMany,
} from '../claim-types.ts';
import { rule, type ClaimRule } from '../claim-rule.ts';

/** A subject's agreement, signed by the consumer service in the subject's name. Once per (iss, jti). */
export const consentSchema = exact({
  ...commonClaims,
  ...toMany,
  subject_ref: subjectRefSchema,
  kind: Type.Enum(['query', 'provide', 'cross_border', 'conditional']),
  /** The member that may ask, and alone can spend a use; of a consent to provide, the one that may give. */
  grantee: memberIdSchema,
  /** Who agreed: the subject, or who may speak for it, with the digest of the mandate to do so. */
  grantor: exact({
    role: Type.Enum(['self', 'guardian', 'legal_representative', 'attorney']),
    mandate: Type.Optional(digestSchema),
  }),
  /** What may be asked for; none of a consent to provide, which lets nobody ask. */
  purposes: Type.Array(PurposeSchema, { maxItems: 32, uniqueItems: true }),
  categories: categoriesSchema,
  /** By name, never "all". */
  bureaus: bureausSchema,
  valid_from: timeSchema,
  valid_until: timeSchema,
  fetch: Type.Enum(['once', 'periodic']),
  max_uses: Type.Integer({ minimum: 1, maximum: 100_000 }),
  /** At most this many uses in a calendar day or month. */
  frequency: Type.Optional(
    exact({ uses: Type.Integer({ minimum: 1, maximum: 100_000 }), per: Type.Enum(['day', 'month']) }),
  ),
  /** How long the recipient may keep what it learns. */
  recipient_retention: durationSchema,
  /** Digest of the text that the person saw, in `language`. */
  form_digest: digestSchema,
  language: Type.Enum(['zh-CN', 'en']),
  strength: strengthSchema,
  /** Digest of what proves the person's act: the identity provider's token, or the passkey's enrolment. */
  evidence_digest: digestSchema,
});

export type Consent = Static<typeof consentSchema>;

/** What must hold between the members of a consent. */
export const consentRules: readonly ClaimRule<Consent>[] = [
  rule(
    '/purposes',
    'must be none of a consent to provide, and some of another',
    (c) => (c.kind === 'provide') === (c.purposes.length === 0),
  ),
  rule(
    '/grantor/mandate',
    'must be there for a guardian or attorney, and only then',
    ({ grantor: { mandate, role } }) =>
      (role === 'guardian' || role === 'attorney') === (mandate !== undefined),
  ),
  rule('/aud', 'must be the grantee and the named bureaus', (c) => {
    const named = new Set([c.grantee, ...c.bureaus]);
    return c.aud.length === named.size && c.aud.every((member) => named.has(member));
  }),
  rule('/exp', 'must be valid_until', (c) => c.exp === c.valid_until),
  rule('/valid_until', 'must be later than valid_from', (c) => c.valid_until > c.valid_from),
  rule(
    '/max_uses',
    'must be 1 for a consent that is fetched once',
    (c) => c.fetch !== 'once' || c.max_uses === 1,
  ),
];
