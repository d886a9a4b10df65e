import { seconds, uuidv7 } from '@causeway/kernel';
import { type StageLeaf, stageLeaf } from '@causeway/member';
import { CausewayError, sha256Digest, sign, type Signed, type UnsignedClaims } from '@causeway/protocol';
import { receivedDispute } from '@causeway/records/disputes/index';
import type { DisputeReason } from '@causeway/records/disputes/index';
import type { SubjectKey } from '@causeway/service';
import type { Transaction } from 'kysely';
import { answerOnce, type Outcome, outcomeOf } from '../consent-requests/idempotency.ts';
import type { Consumer } from '../consumer.ts';
import { type Acting, holdMandate } from '../mandates/acting.ts';
import type { ConsumerTables, DisputeRow } from '../tables.ts';
import { insertDispute, insertMessage, openedSince } from './repository.ts';
import type { DisputeBody } from './schema.ts';
import { wordsUnder } from './sealed-words.ts';

/** How long a bureau takes a statement about a dispute, in seconds. */
const statementLife = 365 * 86_400;

/** A dispute about to be recorded, with the statement that opens it. */
interface Opened {
  readonly row: DisputeRow;
  readonly signed: Signed<'dispute'>;
}

/**
 * Opens a dispute, and one of its own at each further bureau, once per idempotency key. Whether the item is
 * the subject's is for the bureau to say: here nothing is looked up, so that the answer tells nothing.
 * Throws `bad_request` for what is no bureau, `conflict` where the item is disputed already, and
 * `idempotency_mismatch`; `budget_exhausted` for more than a hundred in a day.
 */
export async function openDispute(
  consumer: Consumer,
  refs: readonly string[],
  key: string,
  body: DisputeBody,
  acting?: Acting,
): Promise<unknown> {
  const nowMs = consumer.clock.now();
  const call = { lender: refs[0] ?? '', key, requestDigest: digestOfBody(body), nowMs };
  const subjectKey = await consumer.subjectKeys.of(refs[0] ?? '');
  const outcome = outcomeOf((): Outcome => {
    const [first, ...others] = allOf(consumer, refs, body, { nowMs, subjectKey });
    if (first === undefined) throw new RangeError('a body names an item');
    return {
      answer: {
        ...{ id: first.row.id, state: 'received', received_at: new Date(nowMs).toISOString() },
        others: others.map(({ row: { bureau, id } }) => ({ id, bureau })),
      },
      effect: async (trx) => {
        const mandate = await holdMandate(trx, consumer, acting);
        await keepBudget(trx, refs, nowMs);
        for (const { row, signed } of [first, ...others])
          await record(trx, { row: { ...row, mandate }, signed }, nowMs);
      },
    };
  });
  return await answerOnce(consumer.db, call, outcome);
}

/** Disputes that one subject opens in a day: far more than anybody has items to look through. */
const perDayMax = 100;

async function keepBudget(
  trx: Transaction<ConsumerTables>,
  refs: readonly string[],
  nowMs: number,
): Promise<void> {
  if ((await openedSince(trx, refs, nowMs - 86_400_000)) < perDayMax) return;
  throw new CausewayError('budget_exhausted', { detail: 'These are many disputes for one day.' });
}

/** One body, one digest, whatever the order of its members. */
function digestOfBody({ text, ...rest }: DisputeBody) {
  const named = { ...rest, text: sha256Digest(text) };
  return sha256Digest(JSON.stringify(Object.entries(named).toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

function allOf(
  consumer: Consumer,
  refs: readonly string[],
  { also = [], report, ...first }: DisputeBody,
  { nowMs, subjectKey }: { nowMs: number; subjectKey: SubjectKey },
): Opened[] {
  const directory = consumer.directory();
  return [first, ...also].map(({ bureau, record: item }, n): Opened => {
    if (!directory.member(bureau)?.roles.includes('bureau')) {
      throw new CausewayError('bad_request', {
        pointer: n === 0 ? '/bureau' : `/also/${n - 1}/bureau`,
        detail: 'This is no bureau of the federation.',
      });
    }
    const place = { subject_ref: refs[0] ?? '', id: uuidv7(consumer.clock, consumer.random) };
    const signed = signOpening(consumer, refs, { ...first, bureau, record: item, id: place.id });
    const dossier = receivedDispute(signed.claims.received_at * 1000);
    return {
      signed,
      row: {
        ...{ ...place, bureau, record: item, reason: first.reason, report: report ?? null },
        ...{
          words: wordsUnder(subjectKey, place, first.text, consumer.random),
          digest: signed.digest,
          state: dossier.state,
        },
        ...{
          dossier: JSON.stringify(dossier),
          steps: 0,
          received_ms: nowMs,
          withdrawn_ms: null,
          mandate: null,
          withdrawn_mandate: null,
        },
      },
    };
  });
}

interface Item {
  readonly bureau: string;
  readonly record: string;
  readonly reason: DisputeReason;
  readonly text: string;
  readonly id: string;
}

function signOpening(consumer: Consumer, refs: readonly string[], item: Item): Signed<'dispute'> {
  const { bureau, id, reason, record: named, text } = item;
  return signDispute(consumer, {
    ...{ aud: bureau, jti: id, action: 'open', subject_refs: [...refs], record: named, reason },
    ...{ text_digest: sha256Digest(text), received_at: seconds(consumer.clock) },
  });
}

/** Signs what a bureau is told of a dispute. */
export function signDispute(
  consumer: Consumer,
  claims: Omit<UnsignedClaims<'dispute'>, 'iat' | 'exp'>,
): Signed<'dispute'> {
  const iat = seconds(consumer.clock);
  return sign('dispute', { ...claims, iat, exp: iat + statementLife }, consumer);
}

async function record(
  trx: Transaction<ConsumerTables>,
  { row, signed }: Opened,
  nowMs: number,
): Promise<void> {
  if (!(await insertDispute(trx, row))) {
    throw new CausewayError('conflict', {
      detail: `A dispute about this item is open already at ${row.bureau}.`,
    });
  }
  await insertMessage(trx, row, { n: 1, statement: signed.jws, next_ms: nowMs });
  await stageLeaf(trx, row.subject_ref, openingOf(signed, nowMs));
}

/** The leaf of a statement to a bureau. */
export const openingOf = (
  { claims: { aud, iss }, digest }: Signed<'dispute'>,
  at_ms: number,
): Parameters<StageLeaf>[1] => ({
  ...{ typ: 'dispute', digest, inquiry: null, use: null, iss, aud, at_ms, outcome: null },
});
