import type { ErrorCode } from '@causeway/protocol';

import type { Broker } from '../broker.ts';
import { parkIfPoison } from '../dead-letters/park.ts';
import {
  findInquiry,
  type InquiryRow,
  lastAnswerMs,
  openInquiry,
  type OpenInquiry,
} from '../inquiries/open-inquiry.ts';
import { postponeWork } from '../inquiries/outbox.ts';
import { reportAnswers, reportRows } from '../reports/conclude.ts';
import { closeLate, finishFailed } from '../reports/finish-without-report.ts';
import { askDueBureaus, askFirstRound } from './ask-due.ts';
import { backoffMs } from './backoff.ts';
import { bureauRows, type BureauRow, openStates } from './repository.ts';
import { startInquiry } from './start.ts';

/** How often a lender that is suspended is looked at, whose report may still get late answers. */
const stoppedLookMs = 30_000;

/** States in which nothing is left to be done. A partial report may still get late answers. */
const overStates: ReadonlySet<string> = new Set(['complete', 'refused', 'failed']);

/**
 * Moves one inquiry as far as it will go now. May run twice at once, in two processes, or be forgotten half
 * way: each step only advances rows, and what is left is in the outbox. What fails is tried again, or set
 * aside.
 * @throws Error while the database is away; the queue and the sweeper come back
 */
export async function runInquiry(broker: Broker, key: string): Promise<void> {
  const row = await findInquiry(broker.db, key);
  if (row === undefined || overStates.has(row.state) || !isReady(broker)) return;
  await orAside(broker, row, async () => await advance(broker, await openInquiry(broker, row)));
}

/**
 * False without a directory or a right clock. Nothing may be released then, and nothing is begun or put off:
 * the outbox rows stay as they are.
 */
export function isReady({ directory }: Pick<Broker, 'directory'>): boolean {
  try {
    directory.view();
    return true;
  } catch {
    return false;
  }
}

/** `runInquiry` for one that has just been accepted here and whose row nobody else has touched. */
export async function runOpen(broker: Broker, inquiry: OpenInquiry): Promise<void> {
  await orAside(broker, inquiry.row, async () => await advance(broker, inquiry));
}

async function orAside(
  broker: Broker,
  { deadline_ms, inquiry }: InquiryRow,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (err) {
    if (!isReady(broker)) return;
    if (!(await parkIfPoison(broker, inquiry, err))) await tryAgain(broker, inquiry, deadline_ms, 3);
  }
}

async function advance(broker: Broker, inquiry: OpenInquiry): Promise<void> {
  const { key, row } = inquiry;
  if (row.state === 'accepted') return await begin(broker, inquiry);
  const stopped = stoppedSince(broker, inquiry);
  if (stopped !== undefined && row.state === 'running') return await finishFailed(broker, key, stopped);
  const overdue = broker.clock.now() >= row.deadline_ms;
  const closed = broker.clock.now() >= lastAnswerMs(row);
  // At the deadline the report comes first; then what is late may still come.
  if (!closed && stopped === undefined && (row.state === 'partial' || !overdue)) {
    await broker.pace.run(async () => await askDueBureaus(broker, inquiry));
  }
  const open = (await bureauRows(broker.db, key)).filter(({ state }) => openStates.includes(state));
  if (open.length === 0 || overdue) await reportRows(broker, inquiry);
  if (open.length === 0) return;
  if (closed) await closeLate(broker, inquiry);
  else if (stopped === undefined) await waitUntil(broker, key, nextLook(row, open, overdue));
  else await waitUntil(broker, key, Math.min(lastAnswerMs(row), broker.clock.now() + stoppedLookMs));
}

/** Starts an accepted inquiry. Where all bureaus answer promptly it ends here, in the fewest steps. */
async function begin(broker: Broker, inquiry: OpenInquiry): Promise<void> {
  const { key, row } = inquiry;
  const overdue = broker.clock.now() >= row.deadline_ms;
  const stopped = overdue ? 'deadline_passed' : stoppedSince(broker, inquiry);
  if (stopped !== undefined) return await finishFailed(broker, key, stopped);
  const came = await broker.pace.run(async () => {
    const started = await startInquiry(broker, inquiry);
    if (started === 'over' || started === 'again') return started;
    return { begun: started, round: await askFirstRound(broker, inquiry, started.attempts) };
  });
  if (came === 'over') return;
  if (came === 'again') {
    return await tryAgain(broker, key, row.deadline_ms, await attemptsSoFar(broker, key));
  }
  if (came.round !== 'written') return await reportAnswers(broker, inquiry, came.begun, came.round.prompt);
  await advance(broker, { ...inquiry, row: { ...row, state: 'running', use: came.begun.use } });
}

/**
 * The signature stands, but the key or the member behind it may have been stopped while the inquiry waited,
 * for its start or for a bureau. No node takes a statement of theirs any more, so that none of them would
 * ever end it.
 */
function stoppedSince(broker: Broker, { statement }: OpenInquiry): ErrorCode | undefined {
  const entry = broker.directory.view().keys(statement.kid);
  if (entry === undefined) return 'key_unknown';
  if (entry.revoked_at !== undefined) return 'key_revoked';
  return entry.member_status === 'active' ? undefined : 'member_suspended';
}

/** When the next open row is due; before the first report at the deadline at the latest. */
function nextLook(row: InquiryRow, open: readonly BureauRow[], reported: boolean): number {
  const last = reported ? lastAnswerMs(row) : row.deadline_ms;
  return Math.min(last, ...open.map(({ next_at_ms }) => next_at_ms));
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
