import { CausewayError } from '@causeway/protocol';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { recordSent, takeMessages, type Outgoing } from './repository.ts';
import { openWords } from './sealed-words.ts';

const answer = Type.Object({ taken: Type.Boolean() }, { additionalProperties: false });
const messagesAtOnce = 64;
const timeoutMs = 4000;
/** What the law calls at once: a bureau that has not marked the item by then is told of in the log. */
const markedMs = 60_000;

/**
 * Brings every message about a dispute that is due to its bureau; also what a dead process has left. Run by
 * a timer in every process. A bureau that does not answer is left alone for the rest of the round.
 */
export async function sendDisputes(consumer: Consumer): Promise<void> {
  const due = await takeMessages(consumer.db, consumer.clock.now(), messagesAtOnce);
  const away = new Set<string>();
  for (const message of due) {
    if (away.has(message.bureau)) continue;
    if (!(await deliver(consumer, message))) away.add(message.bureau);
  }
}

async function deliver(consumer: Consumer, message: Outgoing): Promise<boolean> {
  const { clock, db, federation, log } = consumer;
  const { bureau, dispute, received_ms, statement, subject_ref, words } = message;
  const text = await openWords(consumer, { subject_ref, id: dispute }, words);
  try {
    await federation.call({
      ...{ member: bureau, method: 'POST', path: '/v1/disputes', schema: answer, timeoutMs },
      body: { dispute: statement, text },
    });
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error;
    const late = clock.now() - received_ms > markedMs;
    log.warn({ event: late ? 'dispute_not_marked' : 'dispute_not_taken', bureau, code: error.code });
    return error.code !== 'unavailable';
  }
  await recordSent(db, message, clock.now());
  // A crash before this is durable: it is sent again, and the bureau has it under its once key.
  return true;
}
