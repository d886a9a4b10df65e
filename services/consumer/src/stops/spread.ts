import { setTimeout as pause } from 'node:timers/promises';
import type { Consumer } from '../consumer.ts';
import { graceMs } from './recipients.ts';
import { deliveriesOf, findStop, takeDue, type DeliveryOut, type StopKey } from './repository.ts';
import { sendStatus } from './send-status.ts';

/** The longest that a call waits, whatever the grants say. */
const boundMs = 20_000;
/** A node that could release nothing is waited for only as long as it may answer at once. */
const unawaitedMs = 1000;
const attemptMsMax = 4000;
const pauseMs = { first: 100, most: 1000 };

/**
 * Sends a committed stop to all whom it concerns, in parallel, and returns when all who could still release
 * have acknowledged it, or when the last of their grants has ended everywhere. Who has not acknowledged by
 * then is sent it again by `sendDue`, in whichever process.
 */
export async function spread(consumer: Consumer, key: StopKey): Promise<void> {
  await consumer.faults.at('stop-committed');
  // A crash here leaves deliveries that are due in a few seconds: another process, or the next start, sends
  // them.
  const stop = await findStop(consumer.db, key);
  const open = (await deliveriesOf(consumer.db, key)).filter(({ acked_ms }) => acked_ms === null);
  if (stop === undefined) return;
  const ends = open.map(({ live_until_ms }) => live_until_ms ?? stop.at_ms);
  const awaitedMs = Math.min(Math.max(stop.at_ms, ...ends) + graceMs, stop.at_ms + boundMs);
  const waits = open.map(async (delivery) => {
    const untilMs = delivery.awaited ? awaitedMs : Math.min(awaitedMs, stop.at_ms + unawaitedMs);
    await sendUntil(consumer, delivery, untilMs - consumer.clock.now());
  });
  await Promise.all(waits);
}

/** Offers it until it is acknowledged or the time is over. */
async function sendUntil(consumer: Consumer, delivery: DeliveryOut, waitMs: number): Promise<void> {
  const { clock } = consumer;
  const endMs = clock.monotonic() + waitMs;
  let current = delivery;
  for (let rest = waitMs, next: number = pauseMs.first; rest > 0; rest = endMs - clock.monotonic()) {
    if (await sendStatus(consumer, current, Math.min(attemptMsMax, Math.ceil(rest)))) return;
    const left = endMs - clock.monotonic();
    if (left <= 0) return;
    await pause(Math.min(next, left));
    next = Math.min(next * 2, pauseMs.most);
    current = (await stillOpen(consumer, current)) ?? current;
    if (current.acked_ms !== null) return;
  }
}

/** As the database has it now: versions signed meanwhile, and an ack that another process received. */
async function stillOpen(consumer: Consumer, of: DeliveryOut): Promise<DeliveryOut | undefined> {
  return (await deliveriesOf(consumer.db, of)).find(({ node }) => node === of.node);
}

const dueMax = 64;
const lanesMax = 8;

/**
 * Sends what is due: what a dead process has left, and what nodes that were away have not acknowledged yet.
 * Run by a timer in every process. A node that does not answer is left alone for the rest of the round.
 */
export async function sendDue(consumer: Consumer): Promise<void> {
  const due = await takeDue(consumer.db, consumer.clock.now(), dueMax);
  const away = new Set<string>();
  const queue = due.values();
  const lane = async (): Promise<void> => {
    for (const delivery of queue) {
      if (away.has(delivery.node)) continue;
      if (!(await sendStatus(consumer, delivery, attemptMsMax))) away.add(delivery.node);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanesMax, due.length) }, lane));
}
