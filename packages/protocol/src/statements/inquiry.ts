import { Type, type Static } from 'typebox';
import { PurposeSchema } from '@causeway/records';
import { rule, type ClaimRule } from '../claim-rule.ts';
import {
  categoriesSchema,
  codeSchema,
  commonClaims,
  digestSchema,
  exact,
  subjectRefSchema,
  timeSchema,
  toOne,
} from '../claim-types.ts';

/** An inquiry lives at most a day. */
const lifeMax = 86_400;

/** A lender asks one broker about one subject. Once per (iss, jti) at the broker. */
export const inquirySchema = exact({
  ...commonClaims,
  ...toOne,
  subject_ref: subjectRefSchema,
  /** Digest of the consent that allows this; or `basis`. */
  consent: Type.Optional(digestSchema),
  /** A code that national policy lists, and the digest of what it must cite. */
  basis: Type.Optional(exact({ code: codeSchema, cited: digestSchema })),
  purpose: PurposeSchema,
  categories: categoriesSchema,
  profile: Type.Enum(['report', 'score', 'exposure', 'predicate']),
  /** Who asks at the lender, as the lender's own opaque id: never a name. */
  operator: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$' }),
  /** When the answer is wanted by; late answers count for a quarter of an hour more. */
  deadline: timeSchema,
  delivery: Type.Enum(['merged', 'sealed']),
});

export type Inquiry = Static<typeof inquirySchema>;

/** What must hold between the members of an inquiry. */
export const inquiryRules: readonly ClaimRule<Inquiry>[] = [
  rule(
    '/consent',
    'or basis must be there, and only one of them',
    (c) => (c.consent === undefined) !== (c.basis === undefined),
  ),
  rule('/deadline', 'must be later than iat', (c) => c.deadline > c.iat),
  rule('/exp', 'must not be earlier than the deadline', (c) => c.exp >= c.deadline),
  rule('/exp', 'must be within a day of iat', (c) => c.exp - c.iat <= lifeMax),
  rule(
    '/delivery',
    'sealed exists for the profile report only',
    (c) => c.delivery === 'merged' || c.profile === 'report',
  ),
];
