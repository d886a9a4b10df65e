import { Type, type Static } from 'typebox';
import { rule, type ClaimRule } from '../claim-rule.ts';
import {
  commonClaims,
  digestSchema,
  exact,
  memberIdSchema,
  subjectRefSchema,
  timeSchema,
  toMany,
} from '../claim-types.ts';

/**
 * The consumer service stops or resumes releases. `open` and `close` are about one lender under a standing
 * freeze: they stop nothing at anybody, so that they are addressed to their issuer alone, for the subject to
 * keep. Once per (iss, first ref of the subject, sequence).
 */
export const statusSchema = exact({
  ...commonClaims,
  ...toMany,
  action: Type.Enum(['revoke', 'pause', 'resume', 'freeze', 'thaw', 'open', 'close']),
  /** All references of the subject. */
  subject_refs: Type.Array(subjectRefSchema, { minItems: 1, maxItems: 16, uniqueItems: true }),
  /** Counts per subject, without gaps. */
  sequence: Type.Integer({ minimum: 1 }),
  /** The consent that is revoked, paused or resumed. */
  consent: Type.Optional(digestSchema),
  /**
   * Of a freeze: the subject wants to be erased. Nothing is released for any purpose, and each receiver
   * counts from its receipt how long it must keep what it holds. A later freeze without it ends that, as a
   * thaw does.
   */
  restricts: Type.Optional(Type.Literal(true)),
  /** For which lender a freeze is opened or closed again, and until when it is or was open. */
  opening: Type.Optional(
    exact({
      lender: memberIdSchema,
      /** The number of the freeze's status, as the grants name it. */
      despite_freeze: Type.Integer({ minimum: 1 }),
      until: timeSchema,
    }),
  ),
});

export type Status = Static<typeof statusSchema>;

/** What a node is told to stop or resume. */
export type StopAction = Exclude<Status['action'], 'open' | 'close'>;

/** True for what is about one lender under a freeze, and stops nothing at anybody. */
export const isOpening = (action: Status['action']): action is 'open' | 'close' =>
  action === 'open' || action === 'close';

const ofConsent: ReadonlySet<string> = new Set(['revoke', 'pause', 'resume']);

/** What must hold between the members of a status. */
export const statusRules: readonly ClaimRule<Status>[] = [
  rule(
    '/consent',
    'must be there to revoke, pause or resume, and only then',
    (c) => ofConsent.has(c.action) === (c.consent !== undefined),
  ),
  rule(
    '/restricts',
    'must be there for a freeze only',
    (c) => c.restricts === undefined || c.action === 'freeze',
  ),
  rule(
    '/opening',
    'must be there to open or close, and only then',
    (c) => isOpening(c.action) === (c.opening !== undefined),
  ),
];
