import type { ErrorCode } from '@causeway/protocol';

import type { Broker } from '../broker.ts';
import { parkIfPoison } from '../dead-letters/park.ts';
import { findInquiry, openInquiry, type OpenInquiry } from '../inquiries/open-inquiry.ts';
import { postponeWork } from '../inquiries/outbox.ts';
import { finishFailed } from '../reports/finish-without-report.ts';
import { finishWithReport } from '../reports/finish-with-report.ts';
import { askAll, askDueBureaus } from './ask-due.ts';
import { backoffMs } from './backoff.ts';
import { bureauRows, openStates } from './repository.ts';
import { startInquiry } from './start.ts';

/**
 * Moves one inquiry as far as it will go now. May run twice at once, in two processes, or be forgotten half
 * way: each step only advances rows, and what is left is in the outbox. What fails is tried again, or set
 * aside.
 * @throws Error while the database is away; the queue and the sweeper come back
 */
export async function runInquiry(broker: Broker, key: string): Promise<void> {
  const row = await findInquiry(broker.db, key);
  if (row === undefined || row.finished_ms !== null) return;
  try {
    await advance(broker, openInquiry(broker, row));
  } catch (err) {
    if (!(await parkIfPoison(broker, key, err))) await tryAgain(broker, key, row.deadline_ms, 3);
  }
}

async function advance(broker: Broker, inquiry: OpenInquiry): Promise<void> {
  const { key, row } = inquiry;
  const overdue = broker.clock.now() >= row.deadline_ms;
  if (row.state === 'accepted') {
    const stopped = overdue ? 'deadline_passed' : stoppedSince(broker, inquiry);
    if (stopped !== undefined) return await finishFailed(broker, key, stopped);
    const started = await broker.pace.run(async () => await startAndAsk(broker, inquiry));
    if (started === 'over') return;
    if (started === 'again') {
      return await tryAgain(broker, key, row.deadline_ms, await attemptsSoFar(broker, key));
    }
  } else if (!overdue) {
    await broker.pace.run(async () => await askDueBureaus(broker, inquiry));
  }
  await concludeOrWait(broker, inquiry);
}

async function startAndAsk(broker: Broker, inquiry: OpenInquiry): Promise<'asked' | 'over' | 'again'> {
  const started = await startInquiry(broker, inquiry);
  if (started === 'over' || started === 'again') return started;
  await askAll(broker, inquiry, started.attempts);
  return 'asked';
}

/**
 * The signature stands, but the key or the member behind it may have been stopped while the inquiry waited.
 */
function stoppedSince(broker: Broker, { statement }: OpenInquiry): ErrorCode | undefined {
  const entry = broker.directory.view().keys(statement.kid);
  if (entry === undefined) return 'key_unknown';
  if (entry.revoked_at !== undefined) return 'key_revoked';
  return entry.member_status === 'active' ? undefined : 'member_suspended';
}

async function concludeOrWait(broker: Broker, inquiry: OpenInquiry): Promise<void> {
  const { key, row } = inquiry;
  const open = (await bureauRows(broker.db, key)).filter((bureau) => openStates.includes(bureau.state));
  if (open.length === 0 || broker.clock.now() >= row.deadline_ms)
    return await finishWithReport(broker, inquiry);
  const nextMs = Math.min(row.deadline_ms, ...open.map((bureau) => bureau.next_at_ms));
  await waitUntil(broker, key, nextMs);
}

async function tryAgain(broker: Broker, key: string, deadlineMs: number, attempt: number): Promise<void> {
  const now = broker.clock.now();
  const next = now + backoffMs(attempt, broker.random);
  await waitUntil(broker, key, now < deadlineMs ? Math.min(next, deadlineMs) : next);
}

async function waitUntil(broker: Broker, key: string, atMs: number): Promise<void> {
  const lane = await postponeWork(broker.db, key, atMs + 1000);
  // A crash here, or a queue that forgets, leaves the outbox row: the sweeper comes a second after the time.
  broker.queue.retry(key, Math.max(0, atMs - broker.clock.now()), lane);
}

async function attemptsSoFar(broker: Broker, key: string): Promise<number> {
  const row = await broker.db
    .selectFrom('inquiry_outbox')
    .where('inquiry', '=', key)
    .select('attempts')
    .executeTakeFirst();
  return (row?.attempts ?? 0) + 1;
}
