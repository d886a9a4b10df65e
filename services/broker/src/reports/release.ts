import { assert } from '@causeway/kernel';
import type { LeafReceipt } from '@causeway/member';
import { CausewayError, type ErrorCode, type Grant, type Signed, type Verified } from '@causeway/protocol';
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

/** A report that has just been recorded in this process, with the proof of it and the leave to deliver it. */
export interface ReadyReport {
  readonly inquiry: OpenInquiry;
  readonly report: Signed<'report'>;
  readonly disclosures: readonly string[];
  readonly own: OwnGrant;
  /** Of the report's leaf, committed under the subject's status lock. */
  readonly receipt: LeafReceipt;
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
 * Hands out a report right after it was recorded: the commit, under the subject's status lock, is its
 * release, so only the grant's life is asked again, by both clocks, immediately before the first byte.
 * Returns false, and sends nothing, where that is over: the report is then delivered like a stored one.
 */
export function releaseReady(
  { clock }: Pick<Broker, 'clock'>,
  ready: ReadyReport,
  send: () => void,
): boolean {
  assert(ready.receipt.digest === ready.report.digest, 'the receipt is for another report');
  if (!stands(clock, ready.own)) return false;
  send();
  return true;
}

function stands(clock: Broker['clock'], { endsMonotonicMs, grant }: OwnGrant): boolean {
  return clock.now() < grant.claims.exp * 1000 && clock.monotonic() < endsMonotonicMs;
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
    const stopped = await releaseStopped(broker, trx, inquiry, leave.grant.claims);
    if (stopped !== undefined) throw new CausewayError(stopped);
    if (!stands(broker.clock, leave)) {
      throw new CausewayError('unavailable', { internal: 'the own grant ended before the delivery' });
    }
    send();
  });
  await broker.faults.at('report-released');
}
