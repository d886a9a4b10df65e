import { CausewayError } from '@causeway/protocol';
import { wordsOf } from '@causeway/records/disputes/index';
import type { DisputeClock, DisputeState } from '@causeway/records/disputes/index';

import type { Bureau } from '../bureau.ts';
import type { DisputeRow } from '../tables.ts';
import { findDispute, openDisputes, stepsOf } from './repository.ts';
import { dossierOf, openWords } from './step.ts';

type Reading = Pick<Bureau, 'db' | 'subjectKeys'>;

/** Of open disputes, those that are shown at once: the ones with the least time left. */
const listMax = 200;

/** The inbox: open disputes, the least time left first; without what anybody wrote. */
export async function listOpen({ db }: Reading, state: DisputeState | undefined) {
  return (await openDisputes(db, state, listMax)).map(summaryOf);
}

/**
 * One dispute with everything that was written and done.
 * @throws CausewayError `not_found`
 */
export async function showDispute(bureau: Reading, id: string) {
  const row = await findDispute(bureau.db, id);
  if (row === undefined) throw new CausewayError('not_found');
  const steps = (await stepsOf(bureau.db, row)).map(
    async ({ at_ms, by_whom, event, recipients, reply, sent_ms, step }) => ({
      ...{ step, event, by: by_whom, at: iso(at_ms), sent: sent_ms !== null },
      ...(reply === null ? {} : { text: await openWords(bureau, row, reply) }),
      ...(recipients.length === 0 ? {} : { recipients: recipients.length }),
    }),
  );
  return {
    ...summaryOf(row),
    text: await openWords(bureau, row, row.words),
    steps: await Promise.all(steps),
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();

function summaryOf(row: DisputeRow) {
  const dossier = dossierOf(row);
  return {
    ...{ id: row.id, record: row.record, reason: row.reason, provider: row.provider },
    ...{ state: row.state, handler: row.handler, received_at: iso(row.received_ms) },
    due_at: row.due_ms === null ? null : iso(row.due_ms),
    clocks: dossier.clocks.map(clockView),
    ...(dossier.outcome === undefined ? {} : { outcome: dossier.outcome }),
    ...(dossier.overdue === true ? { overdue: true } : {}),
    words: wordsOf(dossier),
  };
}

function clockView({ dueMs, kind, metMs, rule, source, stoppedMs }: DisputeClock) {
  return {
    ...{ rule, source, kind, due_at: iso(dueMs) },
    ...(metMs === undefined ? {} : { met_at: iso(metMs) }),
    ...(stoppedMs === undefined ? {} : { stopped_at: iso(stoppedMs) }),
  };
}
