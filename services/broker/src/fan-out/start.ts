import { CausewayError } from '@causeway/protocol';

import type { Broker } from '../broker.ts';
import type { OpenInquiry } from '../inquiries/open-inquiry.ts';
import { finishRefused } from '../reports/finish-without-report.ts';
import type { OwnGrant } from '../reports/release.ts';
import { leaseMs, type Attempt } from './ask-bureau.ts';
import { redeem, signedByPasskey, type Redemption } from './redeem.ts';
import { sealRound } from './rounds.ts';

/** Work that has begun: the first attempts, to be made now, and the broker's own leave to deliver. */
export interface Begun {
  readonly use: number;
  readonly attempts: readonly Attempt[];
  readonly own: OwnGrant | undefined;
}

/** What came of the start: it has begun; or it is over; or it must be tried again. */
export type Started = Begun | 'over' | 'again';

/**
 * Redeems when work starts, never before, and turns accepted into running: in one statement the use, one row
 * per bureau in scope, held for its first attempt, and the consent and grants that are about to be presented.
 */
export async function startInquiry(broker: Broker, inquiry: OpenInquiry): Promise<Started> {
  try {
    const startedAt = { monotonicMs: broker.clock.monotonic(), nowMs: broker.clock.now() };
    const answer = await redeem(broker, inquiry);
    await broker.faults.at('grants-received');
    if ('granted' in answer) return await recordStart(broker, inquiry, answer.granted, startedAt);
    await finishRefused(broker, inquiry, answer.refused);
    return 'over';
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error;
    // The consumer service is away, or does not know yet what the directory says here: until the deadline.
    broker.log.warn({ event: 'redeem_failed', code: error.code, err: error });
    return 'again';
  }
}

async function recordStart(
  broker: Broker,
  inquiry: OpenInquiry,
  redemption: Redemption,
  { monotonicMs, nowMs }: { monotonicMs: number; nowMs: number },
): Promise<Started> {
  const { consent, grants, use } = redemption;
  const signed = signedByPasskey(redemption);
  const bureaus = consent?.claims.bureaus ?? [...grants.keys()].filter((node) => node !== broker.me);
  const round = sealRound(inquiry, [...grants.values()], redemption);
  const leaseUntilMs = broker.clock.now() + leaseMs;
  const first = await broker.steps.start.submit({ inquiry, use, bureaus, leaseUntilMs, round });
  // A crash here leaves a running inquiry whose rows are held by nobody: when the lease is over, the
  // sweeper's run takes them with a renewed grant and the same use.
  await broker.faults.at('start-committed');
  broker.waiters.wake(inquiry.key);
  if (!first) return 'over';
  const own = grants.get(broker.me);
  return {
    use,
    attempts: bureaus.map((bureau) => ({ bureau, number: 1, grant: grants.get(bureau), signed })),
    own: own && { grant: own, endsMonotonicMs: monotonicMs + (own.claims.exp * 1000 - nowMs) },
  };
}
