import type { PolicySet } from '@causeway/policy';
import type { Grant, Inquiry } from '@causeway/protocol';
import type { Asker } from './asker.ts';
import { groundUnseen } from './broker.ts';
import { askPolicy, orDeny } from './decision.ts';

/** What a node's status barrier says of a subject under a consent. */
export type Stop = 'revoked' | 'restricted' | 'paused' | 'frozen';

/**
 * True unless there is no stop, or only a freeze from which policy exempts the purpose. A status that was not
 * read forbids, and so does a restriction, whatever the purpose and the grant.
 */
export function stopForbids(stopped: boolean | Stop, freezeExempt: boolean): boolean {
  if (stopped === false) return false;
  return !(stopped === 'frozen' && freezeExempt);
}

/**
 * True where the subject has opened this very freeze for the lender of this grant: the consumer service,
 * which placed the freeze, has given the grant despite it. A stop whose number is not known, or a later
 * freeze, is not opened.
 */
export function opensFreeze(
  grant: Pick<Grant, 'despite_freeze'> | undefined,
  frozenBy: number | undefined,
): boolean {
  const opened = grant?.despite_freeze;
  return opened !== undefined && frozenBy !== undefined && frozenBy <= opened;
}

/**
 * The same for a node that hands on what was answered before, as the broker does: whether this stop forbids
 * to release for this inquiry now. Whatever cannot be decided forbids.
 */
export function stopForbidsRelease(
  stopped: Stop | undefined,
  inquiry: Inquiry,
  facts: {
    readonly asker: Asker | undefined;
    readonly policy: PolicySet;
    /** The freeze is opened for the asker (`opensFreeze`). */
    readonly opened?: boolean;
  },
): boolean {
  if (stopped === undefined) return false;
  const { asker, policy } = facts;
  return orDeny(
    () => {
      if (asker === undefined) return true;
      const decided = askPolicy(policy, inquiry, asker, groundUnseen(inquiry));
      const exempt = decided.decision === 'permit' && (decided.freeze_exempt || facts.opened === true);
      return stopForbids(stopped, exempt);
    },
    () => true,
  );
}
