import { eventChunk as chunk } from '@causeway/service';

import type { Broker } from '../broker.ts';
import { bureauRows } from '../fan-out/repository.ts';
import { findInquiry } from '../inquiries/open-inquiry.ts';
import { lookMs } from '../inquiries/wait.ts';
import { latestReport } from '../reports/stored-report.ts';

const heartbeatMs = 10_000;
/** A stream ends after this; the reader comes back with a fresh token and its last event id. */
export const streamMsMax = 300_000;

interface Following {
  readonly key: string;
  readonly member: string;
  /** The last event id that the reader has. */
  readonly since: number;
}

/**
 * The events of one inquiry as text/event-stream chunks: one per row that changed, told by its latest state.
 * It ends when the inquiry is finished, the reader has gone or is no longer an active member, or the stream
 * is old.
 */
export async function* followInquiry(
  broker: Broker,
  { key, member, since }: Following,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const { clock } = broker;
  const endsMs = clock.monotonic() + streamMsMax;
  let seen = since;
  let lastState: string | undefined;
  let spokeMs = clock.monotonic();
  yield ': open\n\n';
  while (!signal.aborted && clock.monotonic() < endsMs && isActive(broker, member)) {
    const changes = await changesSince(broker, key, seen, lastState);
    if (changes.text !== '') yield changes.text;
    if (changes.text !== '') spokeMs = clock.monotonic();
    if (changes.final) return;
    ({ seq: seen, state: lastState } = changes);
    if (clock.monotonic() - spokeMs > heartbeatMs) {
      yield ': waiting\n\n';
      spokeMs = clock.monotonic();
    }
    await broker.waiters.next(key, lookMs, signal);
  }
}

interface Changes {
  readonly text: string;
  readonly seq: number;
  readonly state: string | undefined;
  readonly final: boolean;
}

async function changesSince(
  broker: Broker,
  key: string,
  seen: number,
  lastState: string | undefined,
): Promise<Changes> {
  const row = await findInquiry(broker.db, key);
  if (row === undefined) return { text: '', seq: seen, state: lastState, final: true };
  const rows = row.seq > seen ? await bureauRows(broker.db, key) : [];
  const changed = rows.filter((bureau) => bureau.seq > seen && bureau.seq <= row.seq);
  const chunks = changed
    .toSorted((a, b) => a.seq - b.seq)
    .map(({ attempt, bureau, code, seq, state }) =>
      chunk(seq, 'bureau', { bureau, state, attempts: attempt, ...(code === null ? {} : { code }) }),
    );
  const final = row.finished_ms !== null;
  if (row.seq > seen && row.state !== lastState) {
    const { code, id, state } = row;
    const report = await latestReport(broker.db, key);
    const version = report === undefined ? {} : { report_version: report.version };
    chunks.push(chunk(row.seq, 'state', { id, state, ...version, ...(code === null ? {} : { code }) }));
  }
  return { text: chunks.join(''), seq: row.seq, state: row.state, final };
}

/** A member suspended since the stream began hears nothing more. */
function isActive(broker: Broker, member: string): boolean {
  try {
    return broker.directory.view().member(member)?.status === 'active';
  } catch {
    return false;
  }
}
