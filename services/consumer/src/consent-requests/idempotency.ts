import { CausewayError } from '@causeway/protocol';
import type { Transaction } from 'kysely';
import type { ConsumerTables } from '../tables.ts';

/** A lender's key for one intended effect, with what was asked. */
export interface IdempotentCall {
  readonly lender: string;
  readonly key: string;
  readonly requestDigest: string;
}

/** The header's value. Throws `idempotency_key_missing` or `bad_request`. */
export function idempotencyKey(header: string | string[] | undefined): string {
  if (header === undefined || header === '') throw new CausewayError('idempotency_key_missing');
  if (typeof header === 'string' && /^[\x21-\x7e]{1,128}$/u.test(header)) return header;
  throw new CausewayError('bad_request', { detail: 'Idempotency-Key: 1 to 128 visible ASCII characters.' });
}

/**
 * Records `answer` for the key, and returns undefined; or, where the key came before, returns what was
 * recorded then. Of parallel copies one is first and the others wait for its commit. Throws
 * `idempotency_mismatch` for another body.
 */
export async function recordedAnswer(
  trx: Transaction<ConsumerTables>,
  call: IdempotentCall,
  answer: string,
  nowMs: number,
): Promise<string | undefined> {
  const { lender, key, requestDigest } = call;
  const inserted = await trx
    .insertInto('idempotency')
    .values({ lender, key, request_digest: requestDigest, answer, created_ms: nowMs })
    .onConflict((conflict) => conflict.doNothing())
    .returning('key')
    .execute();
  if (inserted.length === 1) return undefined;
  const recorded = await trx
    .selectFrom('idempotency')
    .select(['request_digest', 'answer'])
    .where('lender', '=', lender)
    .where('key', '=', key)
    .executeTakeFirstOrThrow();
  if (recorded.request_digest !== requestDigest) throw new CausewayError('idempotency_mismatch');
  return recorded.answer;
}
