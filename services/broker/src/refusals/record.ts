import { sign, type ErrorCode, type Inquiry, type Verified } from '@causeway/protocol';
import { seconds } from '@causeway/kernel';
import { stageLeaf } from '@causeway/member';
import type { Transaction } from 'kysely';

import type { Broker } from '../broker.ts';
import type { Reason } from '../inquiries/judge.ts';
import type { BrokerTables } from '../tables.ts';
import type { InquirySeal } from '../vault.ts';

export interface EarlyRefusal {
  readonly code: ErrorCode;
  /** The signed refusal. */
  readonly refusal: string;
}

interface Refused {
  readonly key: string;
  readonly inquiry: Verified<Inquiry>;
  readonly seal: InquirySeal;
  readonly reason: Reason;
}

/**
 * A refusal stays checkable as long as the inquiry it answers, and an hour more for the way to the history.
 */
const graceSeconds = 3600;

/**
 * Signs the broker's own refusal of an inquiry that has just been recorded, and stores it with its leaf and
 * its way to the subject's history, all in the transaction of the record.
 */
export async function recordRefusal(
  broker: Broker,
  trx: Transaction<BrokerTables>,
  { key, inquiry, seal, reason }: Refused,
): Promise<EarlyRefusal> {
  const { code, policyVersion, rules } = reason;
  const signed = sign(
    'refusal',
    {
      aud: inquiry.claims.iss,
      exp: Math.max(inquiry.claims.exp, seconds(broker.clock)) + graceSeconds,
      inquiry: inquiry.digest,
      code,
      policy_version: policyVersion,
      rules: [...rules],
    },
    broker,
  );
  const at_ms = broker.clock.now();
  await trx
    .updateTable('inquiry')
    .set({
      state: 'refused',
      refused_early: true,
      code,
      refusal: seal.seal('refusal', signed.jws),
      finished_ms: at_ms,
    })
    .where('inquiry', '=', key)
    .execute();
  await stageLeaf(trx, key, {
    typ: 'refusal',
    digest: signed.digest,
    inquiry: inquiry.digest,
    use: null,
    iss: broker.me,
    aud: inquiry.claims.iss,
    at_ms,
    outcome: code,
  });
  await trx.insertInto('refusal_outbox').values({ inquiry: key, next_at_ms: at_ms, attempt: 0 }).execute();
  return { code, refusal: signed.jws };
}
