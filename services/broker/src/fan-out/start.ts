import { CausewayError } from '@causeway/protocol';

import type { Broker } from '../broker.ts';
import type { OpenInquiry } from '../inquiries/open-inquiry.ts';
import { finishRefused } from '../reports/finish-without-report.ts';
import { leaseMs, type Attempt } from './ask-bureau.ts';
import { redeem, type Redemption } from './redeem.ts';
import { grantBox, markStarted } from './repository.ts';

/** What came of the start: the first attempts, to be asked now; or it is over; or it must be tried again. */
export type Started = { readonly attempts: readonly Attempt[] } | 'over' | 'again';

/**
 * Redeems when work starts, never before, and turns accepted into running: in one transaction the use, the
 * consent, one row per bureau in scope, held for its first attempt, and the grants that are about to be
 * presented.
 */
export async function startInquiry(broker: Broker, inquiry: OpenInquiry): Promise<Started> {
  try {
    const answer = await redeem(broker, inquiry);
    await broker.faults.at('grants-received');
    if ('granted' in answer) return await recordStart(broker, inquiry, answer.granted);
    await finishRefused(broker, inquiry, answer.refused);
    return 'over';
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error;
    // The consumer service is away, or does not know yet what the directory says here: until the deadline.
    broker.log.warn({ event: 'redeem_failed', code: error.code, err: error });
    return 'again';
  }
}

async function recordStart(broker: Broker, inquiry: OpenInquiry, granted: Redemption): Promise<Started> {
  const { consent, grants, use } = granted;
  const bureaus = consent?.claims.bureaus ?? [...grants.keys()].filter((node) => node !== broker.me);
  const box = consent === undefined ? null : inquiry.seal.seal('consent', consent.jws);
  const boxes = [...grants.values()].map((grant) => grantBox(inquiry, grant));
  const leaseUntilMs = broker.clock.now() + leaseMs;
  const first = await markStarted(broker.db, inquiry.key, {
    use,
    consent: box,
    bureaus,
    leaseUntilMs,
    boxes,
  });
  // A crash here leaves a running inquiry whose rows are held by nobody: when the lease is over, the
  // sweeper's run takes them with a renewed grant and the same use.
  await broker.faults.at('start-committed');
  broker.waiters.wake(inquiry.key);
  if (!first) return 'over';
  return { attempts: bureaus.map((bureau) => ({ bureau, number: 1, grant: grants.get(bureau) })) };
}
