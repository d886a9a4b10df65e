import { Type, type Static } from 'typebox';
import { uuidv7Pattern } from '@causeway/kernel';
import { rule, type ClaimRule } from '../claim-rule.ts';
import { commonClaims, digestSchema, exact, toOne } from '../claim-types.ts';

/** How somebody who does not sign in themselves has agreed: at a branch, on paper, in a recorded call. */
export const assistedChannels = ['branch', 'paper', 'call'] as const;

/**
 * A lender says that a person has agreed to one of its requests with the help of two of its officers. It is
 * no consent: that takes the code sent to the person, and the time in which they may object. Once per
 * (iss, jti).
 */
export const assistanceSchema = exact({
  ...commonClaims,
  ...toOne,
  /** The lender's request, and the form of it that the person was shown or read out. */
  request: Type.String({ pattern: uuidv7Pattern }),
  form_digest: digestSchema,
  channel: Type.Enum([...assistedChannels]),
  /** SHA-256 of the scanned paper. */
  scan: Type.Optional(digestSchema),
  /** The two officers, as the lender names them. */
  officers: Type.Array(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$' }), {
    minItems: 2,
    maxItems: 2,
    uniqueItems: true,
  }),
});

export type Assistance = Static<typeof assistanceSchema>;

/** What must hold between the members of an assistance. */
export const assistanceRules: readonly ClaimRule<Assistance>[] = [
  rule(
    '/scan',
    'must be there for paper, and only then',
    (c) => (c.channel === 'paper') === (c.scan !== undefined),
  ),
];
