import { decideAtBureau } from '@causeway/gate';
import type { BureauFacts, BureauRefusal, Permit } from '@causeway/gate';
import { CausewayError } from '@causeway/protocol';
import type { ErrorCode } from '@causeway/protocol';

import type { Bureau } from '../bureau.ts';
import type { Presented } from './verify-item.ts';

/**
 * Denials that say nothing about the inquiry: statements that do not belong together or to this connection,
 * or not at this moment. They are answered with an error, and nothing is recorded: a signed refusal would
 * be the one answer for ever under a key that whoever presents them may not own.
 */
const notDecisions: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ...([
    'statement_type',
    'audience_mismatch',
    'identity_mismatch',
    'link_mismatch',
    'signature_invalid',
    'assertion_invalid',
  ] as const),
  ...(['expired', 'time_window', 'not_ready', 'unavailable', 'internal'] as const),
]);

/**
 * Asks the gate, under the subject's status lock. A decision against comes back to be signed.
 * @throws CausewayError where there is nothing to decide
 */
export function decide(
  bureau: Omit<Bureau, 'answers'>,
  { asserted, inquiry, grant, peer }: Presented,
  { stopped, stoppedBy }: Pick<BureauFacts, 'stopped' | 'stoppedBy'>,
): { permit: Permit } | { refusal: BureauRefusal } {
  const view = bureau.directory.view();
  const decision = decideAtBureau(inquiry, grant, {
    me: bureau.me,
    peer,
    nowMs: bureau.clock.now(),
    monotonicMs: bureau.clock.monotonic(),
    asker: view.member(inquiry.claims.iss),
    policy: bureau.policy,
    stopped,
    stoppedBy,
    directoryVersion: view.version,
    asserted,
  });
  if ('refusal' in decision && notDecisions.has(decision.refusal.code)) {
    throw new CausewayError(decision.refusal.code, { internal: decision.refusal.rules.join(' ') });
  }
  return decision;
}
