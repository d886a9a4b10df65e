import { CausewayError, type ErrorCode, type Grant, type Verified } from '@causeway/protocol';
import { transaction } from '@causeway/service';

import type { Broker } from '../broker.ts';
import { redeem } from '../fan-out/redeem.ts';
import type { OpenInquiry } from '../inquiries/open-inquiry.ts';
import { releaseStopped } from './stopped.ts';

/** The broker's own leave to deliver: its grant, and the moment by the monotonic clock at which that ends. */
export interface OwnGrant {
  readonly grant: Verified<Grant>;
  readonly endsMonotonicMs: number;
}

export type Leave = OwnGrant | { readonly refused: { readonly code: ErrorCode; readonly refusal: string } };

/**
 * Renews the broker's own grant at the consumer service: before every delivery and re-delivery, by any
 * channel. The consumer service may refuse now what it granted before.
 * @throws CausewayError unavailable where the consumer service does not answer
 */
export async function askLeave(broker: Broker, inquiry: OpenInquiry): Promise<Leave> {
  const startedMs = broker.clock.monotonic();
  const wallMs = broker.clock.now();
  const answer = await redeem(broker, inquiry, [broker.me]);
  if ('refused' in answer)
    return { refused: { code: answer.refused.claims.code, refusal: answer.refused.jws } };
  const grant = answer.granted.grants.get(broker.me);
  if (grant === undefined)
    throw new CausewayError('unavailable', { internal: 'no grant for the broker itself' });
  return { grant, endsMonotonicMs: startedMs + (grant.claims.exp * 1000 - wallMs) };
}

/**
 * Hands personal data out: under the subject's status lock, after a last look at the status and at the
 * grant's end by the wall clock and the monotonic one, immediately before the first byte. `send` starts the
 * answer.
 * @throws CausewayError unavailable where the grant has ended, and as `releaseStopped` says; then nothing was
 * sent
 */
export async function release(
  broker: Broker,
  inquiry: OpenInquiry,
  leave: OwnGrant,
  send: () => void,
): Promise<void> {
  await transaction(broker.db, async (trx) => {
    const stopped = await releaseStopped(broker, trx, inquiry);
    if (stopped !== undefined) throw new CausewayError(stopped);
    const { clock } = broker;
    if (clock.now() >= leave.grant.claims.exp * 1000 || clock.monotonic() >= leave.endsMonotonicMs) {
      throw new CausewayError('unavailable', { internal: 'the own grant ended before the delivery' });
    }
    send();
  });
}
