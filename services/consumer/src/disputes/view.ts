import { CausewayError } from '@causeway/protocol';
import { clockRulesOf, wordsOf, type Dispute, type DisputeClock } from '@causeway/records/disputes/index';
import type { Consumer } from '../consumer.ts';
import { agentsOf } from '../mandates/list.ts';
import type { DisputeRow, StepRow } from '../tables.ts';
import { disputeOf, disputesOf, stepsOf } from './repository.ts';
import { openWords } from './sealed-words.ts';

export const dossierOf = ({ dossier }: Pick<DisputeRow, 'dossier'>): Dispute =>
  JSON.parse(dossier) as Dispute;

/** The clocks of a bureau's place, by the directory; the nation's where it does not say. */
export const clocksAt = ({ directory }: Pick<Consumer, 'directory'>, bureau: string) =>
  clockRulesOf(directory().member(bureau)?.jurisdiction ?? 'CN');

const iso = (ms: number): string => new Date(ms).toISOString();

/** The subject's disputes, newest first, without what was written. */
export async function listDisputes(consumer: Consumer, refs: readonly string[], cursor: string | undefined) {
  const { next, rows } = await disputesOf(consumer.db, refs, cursor);
  const agents = await agentsOf(consumer, refs);
  return { items: rows.map((row) => summaryOf(row, agents)), ...(next === undefined ? {} : { next }) };
}

/**
 * One dispute with its timeline and what the bureau has signed. Throws `not_found` for another subject's, as
 * for an absent one.
 */
export async function viewOfDispute(consumer: Consumer, refs: readonly string[], id: string) {
  const row = await disputeOf(consumer.db, refs, id);
  if (row === undefined) throw new CausewayError('not_found');
  const steps = await stepsOf(consumer.db, row);
  const timeline = await Promise.all(steps.map(stepView(consumer, row)));
  return {
    ...summaryOf(row, await agentsOf(consumer, refs)),
    text: await openWords(consumer, row, row.words),
    timeline: [{ event: 'receive', at: iso(row.received_ms) }, ...timeline],
    corrections: steps.reduce((sum, { corrections }) => sum + corrections, 0),
  };
}

const stepView =
  (consumer: Consumer, row: DisputeRow) =>
  async ({ at_ms, event, reply, statement }: StepRow) => ({
    ...{ event, at: iso(at_ms) },
    ...(reply === null ? {} : { text: await openWords(consumer, row, reply) }),
    /** The bureau's signed statement. */
    handling: statement,
  });

function summaryOf(row: DisputeRow, agents: Awaited<ReturnType<typeof agentsOf>>) {
  const dossier = dossierOf(row);
  const due = dossier.clocks.find(({ kind, metMs }) => kind === 'resolve' && metMs === undefined);
  return {
    ...{ id: row.id, bureau: row.bureau, record: row.record, reason: row.reason, state: row.state },
    ...(row.report === null ? {} : { report: row.report }),
    /** Under which mandate somebody has opened it for the subject, and who; who has taken it back. */
    ...(row.mandate === null ? {} : { mandate: row.mandate, by: agents.get(row.mandate) }),
    received_at: iso(row.received_ms),
    ...(row.withdrawn_ms === null ? {} : { withdrawn_at: iso(row.withdrawn_ms) }),
    ...(row.withdrawn_mandate === null ? {} : { withdrawn_by: agents.get(row.withdrawn_mandate) }),
    /** By when the bureau must have answered; null where it need not any more, or has not taken it yet. */
    due_at: due === undefined ? null : iso(strictest(dossier.clocks)),
    clocks: dossier.clocks.map(clockView),
    ...(dossier.outcome === undefined ? {} : { outcome: dossier.outcome }),
    ...(dossier.rejection === undefined ? {} : { rejection: dossier.rejection }),
    ...(dossier.overdue === true ? { overdue: true } : {}),
    words: wordsOf(dossier),
  };
}

/** The earliest end of those that are about the answer. */
const strictest = (clocks: readonly DisputeClock[]): number =>
  Math.min(
    ...clocks
      .filter(({ kind, metMs }) => kind === 'resolve' && metMs === undefined)
      .map(({ dueMs }) => dueMs),
  );

function clockView({ dueMs, kind, metMs, rule, source, stoppedMs }: DisputeClock) {
  return {
    ...{ rule, source, kind, due_at: iso(dueMs) },
    ...(metMs === undefined ? {} : { met_at: iso(metMs) }),
    ...(stoppedMs === undefined ? {} : { stopped_at: iso(stoppedMs) }),
  };
}
