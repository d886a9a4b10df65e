import type { ClockKind, ClockRules } from './clock-rules.ts';
import { extendClocks, meetClocks, resumeClocks, startClocks, stopClocks } from './clocks.ts';
import type { DisputeClock } from './clocks.ts';
import type { DisputeEventKind, Outcome, RejectionReason, StopReason } from './codes.ts';

export type DisputeState =
  | 'received'
  | 'accepted'
  | 'rejected'
  | 'marked'
  | 'forwarded'
  | 'answered'
  | Outcome
  | 'recipients_notified'
  | 'closed';

/** One dispute about one item at one bureau, as both sides hold it. Times in ms since the epoch. */
export interface Dispute {
  readonly state: DisputeState;
  readonly receivedMs: number;
  /** Empty until it is accepted. */
  readonly clocks: readonly DisputeClock[];
  readonly outcome?: Outcome;
  /** True where the time had run out before anybody had found anything. */
  readonly overdue?: true;
  readonly rejection?: RejectionReason;
}

/** Something that happens to a dispute. `lapse`: its time has run out. */
export type DisputeEvent =
  | { readonly kind: 'reject'; readonly reason: RejectionReason }
  | { readonly kind: 'stop'; readonly reason: StopReason }
  | { readonly kind: 'resolve'; readonly outcome: Exclude<Outcome, 'withdrawn'> }
  | { readonly kind: 'lapse'; readonly outcome: 'undetermined' | 'deleted' }
  | { readonly kind: Exclude<DisputeEventKind, 'reject' | 'stop' | 'resolve' | 'lapse'> };

/** A dispute that has arrived, and nothing more. */
export const receivedDispute = (receivedMs: number): Dispute => ({
  ...{ state: 'received', receivedMs, clocks: [] },
});

const underWay: readonly DisputeState[] = ['marked', 'forwarded', 'answered'];
const ended: readonly DisputeState[] = ['corrected', 'deleted', 'unfounded', 'undetermined', 'withdrawn'];

/**
 * In which states an event may come, and to which it leads; a function where the event says it, nothing where
 * the state stays. Only `mark` leads past `accepted`, so that nothing is looked into that bears no mark.
 */
const moves: Readonly<
  Record<DisputeEventKind, { readonly from: readonly DisputeState[]; readonly to?: DisputeState }>
> = {
  accept: { from: ['received'], to: 'accepted' },
  reject: { from: ['received'], to: 'rejected' },
  mark: { from: ['accepted'], to: 'marked' },
  forward: { from: ['marked'], to: 'forwarded' },
  answer: { from: ['marked', 'forwarded'], to: 'answered' },
  resolve: { from: ['answered'] },
  lapse: { from: underWay },
  withdraw: { from: underWay, to: 'withdrawn' },
  notify: { from: ended, to: 'recipients_notified' },
  close: { from: ['recipients_notified'], to: 'closed' },
  extend: { from: underWay },
  stop: { from: underWay },
  resume: { from: underWay },
};

/** Which clocks an event ends. */
const met: Readonly<Partial<Record<DisputeEventKind, readonly ClockKind[]>>> = {
  mark: ['mark'],
  forward: ['forward'],
  answer: ['forward'],
  resolve: ['forward', 'resolve'],
  lapse: ['forward', 'resolve'],
  withdraw: ['forward', 'resolve'],
};

/**
 * The dispute after an event at an instant, by the rules of the bureau's place. Undefined where the event may
 * not come now: the state does not allow it, or no clock may be moved so.
 */
export function moveDispute(
  dispute: Dispute,
  event: DisputeEvent,
  ms: number,
  rules: ClockRules,
): Dispute | undefined {
  const { from, to } = moves[event.kind];
  if (!from.includes(dispute.state)) return undefined;
  const clocks = clocksAfter(dispute, event.kind, ms, rules);
  if (clocks === undefined) return undefined;
  const next = { ...dispute, clocks, state: to ?? dispute.state };
  if (event.kind === 'reject') return { ...next, rejection: event.reason };
  if (event.kind === 'withdraw') return { ...next, outcome: 'withdrawn' };
  if (event.kind === 'resolve') return { ...next, state: event.outcome, outcome: event.outcome };
  if (event.kind === 'lapse') return { ...next, state: event.outcome, outcome: event.outcome, overdue: true };
  return next;
}

function clocksAfter(
  { clocks, receivedMs }: Dispute,
  kind: DisputeEventKind,
  ms: number,
  rules: ClockRules,
): readonly DisputeClock[] | undefined {
  if (kind === 'accept') return startClocks(receivedMs, rules);
  if (kind === 'extend') return extendClocks(clocks, rules);
  if (kind === 'stop') return stopClocks(clocks, ms, rules);
  if (kind === 'resume') return resumeClocks(clocks, ms);
  return meetClocks(clocks, met[kind] ?? [], ms);
}

/** Nothing can happen to it any more. */
export const isOver = ({ state }: Pick<Dispute, 'state'>): boolean =>
  state === 'closed' || state === 'rejected';

/** Nothing is found yet, and the mark stands. */
export const isUnderWay = ({ state }: Pick<Dispute, 'state'>): boolean => underWay.includes(state);

/** Extending and stopping take a second person: not the one who handles the dispute, and there is one. */
export const mayApprove = (handler: string | null, approver: string): boolean =>
  handler !== null && handler !== approver;
