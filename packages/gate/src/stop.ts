import type { PolicySet } from '@causeway/policy';
import type { Inquiry } from '@causeway/protocol';
import type { Asker } from './asker.ts';
import { groundUnseen } from './broker.ts';
import { askPolicy, orDeny } from './decision.ts';

/** What a node's status barrier says of a subject under a consent. */
export type Stop = 'revoked' | 'paused' | 'frozen';

/**
 * True unless there is no stop, or only a freeze from which policy exempts the purpose. A status that was not
 * read forbids.
 */
export function stopForbids(stopped: boolean | Stop, freezeExempt: boolean): boolean {
  if (stopped === false) return false;
  return !(stopped === 'frozen' && freezeExempt);
}

/**
 * The same for a node that hands on what was answered before, as the broker does: whether this stop forbids
 * to release for this inquiry now. Whatever cannot be decided forbids.
 */
export function stopForbidsRelease(
  stopped: Stop | undefined,
  inquiry: Inquiry,
  facts: { readonly asker: Asker | undefined; readonly policy: PolicySet },
): boolean {
  if (stopped === undefined) return false;
  const { asker, policy } = facts;
  return orDeny(
    () => {
      if (asker === undefined) return true;
      const decided = askPolicy(policy, inquiry, asker, groundUnseen(inquiry));
      return stopForbids(stopped, decided.decision === 'permit' && decided.freeze_exempt);
    },
    () => true,
  );
}
