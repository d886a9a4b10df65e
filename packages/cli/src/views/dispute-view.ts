import type { DeskDispute, SubjectDispute, WholeDispute } from '@causeway/sdk';
import { table } from './table.ts';

const day = (at: string | null): string => (at === null ? '' : at.slice(0, 16).replace('T', ' '));

/** A person's disputes, newest first. */
export function disputeLines(disputes: readonly SubjectDispute[]): string[] {
  if (disputes.length === 0) return ['nothing is disputed'];
  return table(
    [{ head: 'dispute' }, { head: 'bureau' }, { head: 'item' }, { head: 'answer by' }, { head: 'state' }],
    disputes.map(({ bureau, due_at: due, id, record, words }) => [id, bureau, record, day(due), words.en]),
  );
}

/** One dispute as its person sees it, step by step. */
export function wholeDisputeLines(dispute: WholeDispute): string[] {
  const { bureau, corrections, due_at: due, outcome, record, timeline, words } = dispute;
  const told = outcome === 'corrected' || outcome === 'deleted';
  return [
    `${bureau}, item ${record}: ${words.en}`,
    ...(due === null ? [] : [`answer by ${day(due)} UTC`]),
    ...timeline.map(({ at, event, text }) => `${day(at)}  ${event}${text === undefined ? '' : `: ${text}`}`),
    ...(told ? [`lenders told: ${corrections}`] : []),
  ];
}

/** A bureau's open disputes, the least time left first. */
export function deskLines(disputes: readonly DeskDispute[]): string[] {
  if (disputes.length === 0) return ['no dispute is open'];
  return table(
    [
      { head: 'dispute' },
      { head: 'item' },
      { head: 'reason' },
      { head: 'due' },
      { head: 'state' },
      { head: 'who' },
    ],
    disputes.map(({ due_at: due, handler, id, reason, record, state }) => [
      ...[id, record, reason, day(due), state, handler ?? ''],
    ]),
  );
}

/** One dispute as the bureau's people see it. */
export function deskDisputeLines({ record, reason, state, steps = [], text }: DeskDispute): string[] {
  return [
    `item ${record}: ${reason}, ${state}`,
    ...(text === undefined ? [] : [text]),
    ...steps.map(({ at, by, event }) => `${day(at)}  ${event} (${by})`),
  ];
}
