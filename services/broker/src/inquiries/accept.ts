import { CausewayError, type Digest, type ErrorCode, type Inquiry, type Verified } from '@causeway/protocol';
import type { Lane } from '@causeway/service/queue';

import { archiveDirectory } from '../archive.ts';
import type { Broker } from '../broker.ts';
import type { EarlyRefusal } from '../refusals/record.ts';
import type { InquirySeal } from '../vault.ts';
import { insertRefused } from './insert-inquiry.ts';
import { judge, type Judgement } from './judge.ts';
import { inquiryKey } from './key.ts';
import { laneOf } from './lane.ts';
import { findInquiry, type InquiryRow, sealOf } from './open-inquiry.ts';

/** What the sender of an inquiry is told: it is in, durably, or it was refused at the door. */
export type Answer =
  | { readonly accepted: Accepted }
  | { readonly refused: { readonly code: ErrorCode; readonly refusal: string } };

interface Accepted {
  readonly key: string;
  readonly id: string;
  readonly digest: Digest;
}

/** Verifies and judges a received inquiry, in memory. @throws CausewayError */
export function judgeReceived(broker: Broker, jws: string): Judgement {
  const { fed, me } = broker;
  return judge(jws, { fed, me, view: broker.directory.view(), nowMs: broker.clock.now() });
}

/**
 * Records a judged inquiry once per (iss, jti): with its leaf and its outbox row, or with its refusal. A
 * repeat with the same digest gets the recorded answer and has no second effect.
 * @throws CausewayError once_conflict where the key came before with another digest; time_window where an old
 * statement was never accepted
 */
export async function accept(
  broker: Broker,
  judgement: Judgement,
  lane: Lane = laneOf(judgement.inquiry.claims),
): Promise<Answer> {
  const { inquiry } = judgement;
  const key = inquiryKey(inquiry.claims.jti, inquiry.claims.iss);
  if (judgement.verdict !== 'repeat_only') {
    const recorded = await record(broker, key, judgement, lane);
    if (recorded !== undefined) return recorded;
  }
  const row = await findInquiry(broker.db, key);
  if (row === undefined) {
    throw judgement.verdict === 'repeat_only' ? judgement.error : new CausewayError('unavailable');
  }
  if (row.digest !== inquiry.digest) throw new CausewayError('once_conflict', { pointer: '/jti' });
  return await recordedAnswer(broker, row);
}

/** The answer of the first receipt, or undefined where the key was there already and nothing was written. */
async function record(
  broker: Broker,
  key: string,
  judgement: Exclude<Judgement, { verdict: 'repeat_only' }>,
  lane: Lane,
): Promise<Answer | undefined> {
  const { inquiry } = judgement;
  const seal = broker.vault.create(key, await broker.subjectKeys.of(inquiry.claims.subject_ref));
  const under = await archiveDirectory(broker, broker.directory.view());
  const values = rowOf(broker, key, inquiry, { seal, under });
  if (judgement.verdict === 'refuse') {
    const refused = { key, inquiry, seal, reason: judgement.refusal };
    const written = await insertRefused(broker, values, leafOf(broker, inquiry), refused);
    return written && refusedAnswer(written);
  }
  await broker.faults.at('inquiry-verified');
  if (!(await broker.steps.accept.submit({ ...values, lane }))) return undefined;
  // A crash here leaves an accepted inquiry without its 202 and without anybody at work on it: the sender
  // repeats it and gets the recorded answer, the sweeper queues it.
  await broker.faults.at('inquiry-committed');
  const row = { ...values, finished_ms: null, use: null, code: null, refusal: null };
  const { claims, digest } = inquiry;
  broker.fresh.begin({ key, digest, claims, statement: inquiry, row, seal }, lane);
  await broker.faults.at('inquiry-told');
  return { accepted: { key, id: claims.jti, digest } };
}

function rowOf(
  broker: Broker,
  key: string,
  { claims, digest, jws }: Verified<Inquiry>,
  { seal, under }: { seal: InquirySeal; under: Digest },
) {
  return {
    inquiry: key,
    id: claims.jti,
    lender: claims.iss,
    digest,
    data_key: seal.wrapped,
    life: seal.life,
    statement: seal.seal('inquiry', jws),
    accepted_under: under,
    deadline_ms: claims.deadline * 1000,
    accepted_ms: broker.clock.now(),
    state: 'accepted' as const,
    seq: 1,
    refused_early: false,
  };
}

function leafOf(broker: Broker, { claims, digest }: Verified<Inquiry>) {
  const at_ms = broker.clock.now();
  return {
    typ: 'inquiry',
    digest,
    inquiry: digest,
    use: null,
    iss: claims.iss,
    aud: broker.me,
    at_ms,
    outcome: null,
  };
}

async function recordedAnswer(broker: Broker, row: InquiryRow): Promise<Answer> {
  if (!row.refused_early) return { accepted: { key: row.inquiry, id: row.id, digest: row.digest } };
  if (row.refusal === null || row.code === null)
    throw new CausewayError('internal', { internal: 'no refusal' });
  const refusal = (await sealOf(broker, row)).open('refusal', row.refusal);
  return refusedAnswer({ code: row.code, refusal });
}

const refusedAnswer = ({ code, refusal }: EarlyRefusal): Answer => ({ refused: { code, refusal } });
