import { CausewayError, errorTable, isErrorCode } from '@causeway/protocol/errors';
import { transaction } from '@causeway/service';
import type { Kysely, Transaction } from 'kysely';
import type { ConsumerTables } from '../tables.ts';

/** A lender's key for one intended effect, with what was asked. */
export interface IdempotentCall {
  readonly lender: string;
  readonly key: string;
  readonly requestDigest: string;
  readonly nowMs: number;
}

/** What a call came to: its answer, and what makes it true; or the refusal. */
export type Outcome =
  | { readonly answer: unknown; readonly effect: (trx: Transaction<ConsumerTables>) => Promise<void> }
  | { readonly refusal: CausewayError };

/**
 * How long a key is remembered: longer than the request that it made can be answered, and so longer than
 * there is a reason to try again.
 */
export const keepMs = 8 * 86_400_000;
const forgottenAtOnceMax = 10_000;

/** The header's value. Throws `idempotency_key_missing` or `bad_request`. */
export function idempotencyKey(header: string | string[] | undefined): string {
  if (header === undefined || header === '') throw new CausewayError('idempotency_key_missing');
  if (typeof header === 'string' && /^[\x21-\x7e]{1,128}$/u.test(header)) return header;
  throw new CausewayError('bad_request', { detail: 'Idempotency-Key: 1 to 128 visible ASCII characters.' });
}

/** What deciding comes to: a refusal that would be the same again, or what `decide` returns. */
export function outcomeOf(decide: () => Outcome): Outcome {
  try {
    return decide();
  } catch (error) {
    if (error instanceof CausewayError && !errorTable[error.code].retryable) return { refusal: error };
    throw error;
  }
}

/**
 * Answers a call once: of parallel copies the first has its effect and the others wait for it; all of them,
 * and every later one, get the first one's answer or refusal. Effect and record are one transaction.
 * Throws the recorded refusal, or `idempotency_mismatch` for another body.
 */
export async function answerOnce(
  db: Kysely<ConsumerTables>,
  call: IdempotentCall,
  outcome: Outcome,
): Promise<unknown> {
  const recorded = await transaction(db, async (trx) => {
    const first = await insertOutcome(trx, call, outcome);
    if (!first) return await earlierOutcome(trx, call);
    if ('effect' in outcome) await outcome.effect(trx);
    // A crash after the commit loses only the answer: the same key brings it again.
    return outcome;
  });
  if ('refusal' in recorded) throw recorded.refusal;
  return recorded.answer;
}

/** Forgets keys that are older than any retry; a bounded number, so that no run takes long. */
export async function forgetKeys(db: Kysely<ConsumerTables>, nowMs: number): Promise<void> {
  await db
    .deleteFrom('idempotency')
    .where((eb) =>
      eb(
        eb.refTuple('lender', 'key'),
        'in',
        eb
          .selectFrom('idempotency')
          .where('created_ms', '<', nowMs - keepMs)
          .select(['lender', 'key'])
          .orderBy('created_ms')
          .limit(forgottenAtOnceMax)
          .$asTuple('lender', 'key'),
      ),
    )
    .execute();
}

/** False where the key came before. */
async function insertOutcome(
  trx: Transaction<ConsumerTables>,
  { key, lender, nowMs, requestDigest }: IdempotentCall,
  outcome: Outcome,
): Promise<boolean> {
  const said =
    'refusal' in outcome
      ? { answer: null, refusal: refusalText(outcome.refusal) }
      : { answer: JSON.stringify(outcome.answer), refusal: null };
  const inserted = await trx
    .insertInto('idempotency')
    .values({ lender, key, request_digest: requestDigest, created_ms: nowMs, ...said })
    .onConflict((conflict) => conflict.doNothing())
    .returning('key')
    .execute();
  return inserted.length === 1;
}

async function earlierOutcome(
  trx: Transaction<ConsumerTables>,
  { key, lender, requestDigest }: IdempotentCall,
): Promise<{ answer: unknown } | { refusal: CausewayError }> {
  const row = await trx
    .selectFrom('idempotency')
    .select(['request_digest', 'answer', 'refusal'])
    .where('lender', '=', lender)
    .where('key', '=', key)
    .executeTakeFirstOrThrow();
  if (row.request_digest !== requestDigest) throw new CausewayError('idempotency_mismatch');
  if (row.refusal !== null) return { refusal: readRefusal(row.refusal) };
  return { answer: JSON.parse(row.answer ?? 'null') as unknown };
}

function refusalText({ code, pointer, publicDetail: detail }: CausewayError): string {
  return JSON.stringify({ code, detail, ...(pointer === undefined ? {} : { pointer }) });
}

function readRefusal(text: string): CausewayError {
  const { code, ...said } = JSON.parse(text) as { code: string; detail: string; pointer?: string };
  return isErrorCode(code) ? new CausewayError(code, said) : new CausewayError('internal');
}
