import { CausewayError } from '@causeway/protocol';
import type { Outcome } from '@causeway/records/disputes/index';
import type pg from 'pg';
import Type from 'typebox';

import { endMarkIn, markRows } from '../life/marks.ts';
import { lockRecords } from '../life/restamp.ts';
import { inTransaction } from '../store/in-transaction.ts';
import type { RecordKey } from '../store/record-key.ts';
import type { DisputeRow } from '../tables.ts';
import { closeItems } from './native-end.ts';
import { lockDispute, recordSent, takeSteps } from './repository.ts';
import type { Outgoing } from './repository.ts';
import { dossierOf, openWords, stepWith } from './step.ts';
import type { Handling } from './step.ts';

const answer = Type.Object(
  { recorded: Type.Boolean(), corrections: Type.Integer({ minimum: 0 }) },
  { additionalProperties: false },
);
const stepsAtOnce = 64;
const timeoutMs = 4000;
const byBureau = { by: 'bureau' } as const;
/** Steps behind which recipients are told, and the dispute is closed. */
const ends: ReadonlySet<string> = new Set(['resolve', 'lapse', 'withdraw']);

/**
 * Brings every step that is due to the consumer service, in the order of its dispute; also what a dead
 * process has left. Run by a timer in every process. The consumer service issues the corrections to past
 * recipients as it takes the step that ends a dispute; once it has, the dispute is closed.
 */
export async function sendSteps(bureau: Handling, signal?: AbortSignal): Promise<void> {
  const away = new Set<string>();
  for (;;) {
    const due = await takeSteps(bureau.pool, bureau.clock.now(), stepsAtOnce);
    for (const step of due) {
      if (away.has(step.iss) || signal?.aborted === true) continue;
      if (!(await deliver(bureau, step))) away.add(step.iss);
    }
    if (due.length === 0 || away.size > 0 || signal?.aborted === true) return;
  }
}

/** False where the consumer service does not answer, so that nothing more is tried in this round. */
async function deliver(bureau: Handling, step: Outgoing): Promise<boolean> {
  try {
    await bureau.federation.call({
      ...{ member: step.iss, method: 'POST', path: '/v1/handlings', schema: answer, timeoutMs },
      body: await bodyOf(bureau, step),
    });
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error;
    bureau.log.warn({ event: 'dispute_step_not_taken', dispute: step.dispute, code: error.code });
    return error.code !== 'unavailable';
  }
  await inTransaction(bureau.pool, async (client) => {
    const row = await lockDispute(client, step.dispute);
    const first = await recordSent(client, step, bureau.clock.now());
    if (row !== undefined && first && ends.has(step.event)) await closeDispute(bureau, client, row);
    // A crash before the COMMIT is answered: the step is sent again, and the answer is the same.
  });
  return true;
}

async function bodyOf(bureau: Handling, { dispute, event, recipients, reply, statement, ...rest }: Outgoing) {
  const place = { subject_ref: rest.subject_ref, id: dispute };
  const text = reply === null || event === 'answer' ? {} : { text: await openWords(bureau, place, reply) };
  const past = recipients.length === 0 ? {} : { recipients, categories: rest.categories };
  return { handling: statement, ...text, ...past };
}

/** How a dispute ended that is closed. */
function outcomeOf(row: DisputeRow): Outcome {
  const { outcome } = dossierOf(row);
  if (outcome === undefined) throw new RangeError('a dispute is closed behind its outcome');
  return outcome;
}

/** Recipients know; the mark ends, and of what nobody could find out a note stays for good. */
async function closeDispute(bureau: Handling, client: pg.PoolClient, row: DisputeRow): Promise<void> {
  const notified = await stepWith(bureau, client, row, { kind: 'notify' }, byBureau);
  const closed = await stepWith(bureau, client, notified, { kind: 'close' }, byBureau);
  if (row.mark !== null) await endMarkIn(bureau, client, row.mark);
  if (bureau.source.kind === 'native') await closeItems(bureau, client, row, outcomeOf(closed));
  if (row.state !== 'undetermined') return;
  const rows = await lockRecords(client, JSON.parse(closed.keys) as RecordKey[]);
  if (rows.length === 0) return;
  await markRows(bureau, client, rows, {
    ...{ kind: 'bureau_note', text: 'disputed; who is right could not be determined' },
  });
}
