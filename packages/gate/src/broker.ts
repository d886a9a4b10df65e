import type { Ground, PolicySet } from '@causeway/policy';
import type { Inquiry, Verified } from '@causeway/protocol';
import { askerAgainst, type Asker } from './asker.ts';
import { askPolicy, deny, fromPolicy, orDeny, type Approval, type Denial } from './decision.ts';

/** What a broker knows before any redemption. `asker` is undefined where the directory has no such member. */
export interface BrokerFacts {
  readonly nowMs: number;
  readonly asker: Asker | undefined;
  readonly policy: PolicySet;
}

/**
 * Refuses early what can be refused without the consent: a member that may not ask, a passed deadline, a
 * purpose, category or ground that policy does not have. A permission here opens nothing.
 */
export function decideAtBroker(inquiry: Verified<Inquiry>, facts: BrokerFacts): Approval | Denial {
  const { policy, nowMs } = facts;
  return orDeny<Approval | Denial>(
    () => {
      const { claims } = inquiry;
      const against = askerAgainst(facts.asker, claims.iss);
      if (against || !facts.asker)
        return deny(policy, against ?? { code: 'member_unknown', rule: 'gate.asker' });
      if (nowMs >= claims.deadline * 1000)
        return deny(policy, { code: 'deadline_passed', rule: 'gate.deadline' });
      return fromPolicy(askPolicy(policy, claims, facts.asker, groundUnseen(claims)));
    },
    (against) => deny(policy, against),
  );
}

/** The ground an inquiry cites, where the consent itself is not at hand. */
export function groundUnseen(inquiry: Inquiry): Ground {
  return inquiry.basis ? { by: 'basis', code: inquiry.basis.code } : { by: 'consent', strength: 'unseen' };
}
