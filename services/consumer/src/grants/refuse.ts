import { seconds, uuidv7 } from '@causeway/kernel';
import type { Denial } from '@causeway/gate';
import type { StageLeaf } from '@causeway/member';
import { CausewayError, sign, type Inquiry, type Verified } from '@causeway/protocol';
import type { Transaction } from 'kysely';
import { insertAccess } from '../accesses/repository.ts';
import type { Consumer } from '../consumer.ts';
import { findRefusal, insertRefusal } from '../refusals/repository.ts';
import type { ConsumerTables } from '../tables.ts';

const refusalLifeSeconds = 30 * 86_400;

export interface RefusedItem {
  readonly refusal: string;
  readonly code: string;
}

/**
 * Records a denial: the signed refusal, its leaf and a line of history, or what was recorded for this inquiry
 * and use before. Nothing else is written.
 */
export async function recordDenial(
  consumer: Consumer,
  trx: Transaction<ConsumerTables>,
  stage: StageLeaf,
  denied: { inquiry: Verified<Inquiry>; denial: Denial; use: number | undefined },
): Promise<RefusedItem> {
  const { inquiry, denial, use } = denied;
  const { subject_ref } = inquiry.claims;
  const { code, jws, digest } = signRefusal(consumer, denied);
  const key = { subject_ref, inquiry: inquiry.digest, use: use ?? 0, iss: consumer.key.member };
  if (!(await insertRefusal(trx, { ...key, code, digest, statement: jws }))) {
    const recorded = await findRefusal(trx, key);
    if (!recorded) throw new CausewayError('internal', { internal: 'a refusal vanished' });
    return { refusal: recorded.statement, code: recorded.code };
  }
  const atMs = consumer.clock.now();
  await stage(subject_ref, {
    ...{ typ: 'refusal', digest, inquiry: inquiry.digest, use: use ?? null },
    ...{ iss: consumer.key.member, aud: inquiry.claims.iss, at_ms: atMs, outcome: denial.code },
  });
  await insertAccess(trx, refusedLine(consumer, inquiry, { code, use: use ?? 0, digest, by: key.iss, atMs }));
  return { refusal: jws, code };
}

function signRefusal(
  consumer: Consumer,
  { inquiry, denial, use }: { inquiry: Verified<Inquiry>; denial: Denial; use: number | undefined },
) {
  const claims = {
    aud: inquiry.claims.iss,
    exp: seconds(consumer.clock) + refusalLifeSeconds,
    inquiry: inquiry.digest,
    ...(use === undefined ? {} : { use }),
    code: denial.code,
    policy_version: denial.policyVersion,
    rules: [...denial.rules],
  };
  return { code: denial.code, ...sign('refusal', claims, consumer) };
}

/** The history line of a refusal, by whichever node decided it. */
export function refusedLine(
  consumer: Consumer,
  inquiry: Verified<Inquiry>,
  refusal: { code: string; use: number; digest: string; by: string; atMs: number },
) {
  const { subject_ref, iss, purpose, categories } = inquiry.claims;
  return {
    subject_ref,
    id: uuidv7(consumer.clock, consumer.random),
    at_ms: refusal.atMs,
    lender: iss,
    purpose,
    categories: [...categories],
    bureaus: [],
    outcome: 'refused' as const,
    code: refusal.code,
    inquiry: inquiry.digest,
    use: refusal.use,
    decided_by: refusal.by,
    leaf: refusal.digest,
  };
}
