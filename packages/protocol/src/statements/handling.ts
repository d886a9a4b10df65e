import { Type, type Static } from 'typebox';
import { disputeEvents, outcomes, rejectionReasons, stopReasons } from '@causeway/records/disputes/index';
import { rule, type ClaimRule } from '../claim-rule.ts';
import { commonClaims, digestSchema, exact, toOne } from '../claim-types.ts';

/**
 * A bureau has gone one step with a dispute: taken it or not, marked the item, asked, found, closed. The
 * subject holds it to what it signed. Judged by `exp` wherever it arrives. Once per (iss, dispute, step).
 */
export const handlingSchema = exact({
  ...commonClaims,
  ...toOne,
  /** The statement that opened it. */
  dispute: digestSchema,
  /** Counts per dispute from 1, without gaps. */
  step: Type.Integer({ minimum: 1, maximum: 1000 }),
  event: Type.Enum([...disputeEvents]),
  outcome: Type.Optional(Type.Enum([...outcomes])),
  /** Why it was not taken, or why its clock stands still. */
  reason: Type.Optional(Type.Enum([...rejectionReasons, ...stopReasons])),
  /** SHA-256 of what the bureau wrote to the subject, UTF-8; it travels beside. */
  text_digest: Type.Optional(digestSchema),
});

export type Handling = Static<typeof handlingSchema>;

const ends: ReadonlySet<string> = new Set(['resolve', 'lapse']);
const explains: ReadonlySet<string> = new Set(['reject', 'stop']);

/** What must hold between the members of a handling. */
export const handlingRules: readonly ClaimRule<Handling>[] = [
  rule(
    '/outcome',
    'must be there where something was found or the time ran out, and only then',
    (c) => ends.has(c.event) === (c.outcome !== undefined),
  ),
  rule(
    '/reason',
    'must be there to reject or to stop a clock, and only then',
    (c) => explains.has(c.event) === (c.reason !== undefined),
  ),
  rule(
    '/reason',
    'must be one of that event',
    (c) =>
      c.reason === undefined ||
      (c.event === 'reject' ? rejectionReasons : stopReasons).some((reason) => reason === c.reason),
  ),
  rule(
    '/outcome',
    'must be one that the bureau finds',
    (c) =>
      c.outcome !== 'withdrawn' &&
      (c.event !== 'lapse' || c.outcome === 'undetermined' || c.outcome === 'deleted'),
  ),
];
