import { addDays, addMonths, dateOf, endOfDay } from '@causeway/kernel';
import type { ClockKind, ClockRule, ClockRules, Expiry, Length } from './clock-rules.ts';
import { addWorkingDays } from './working-days.ts';

/** A clock of one dispute. Times in ms since the epoch. It only ever moves later. */
export interface DisputeClock {
  readonly rule: string;
  readonly source: string;
  readonly kind: ClockKind;
  readonly dueMs: number;
  /** When what it is about was done; the clock is over then. */
  readonly metMs?: number;
  readonly extended?: true;
  /** Since when it stands still. */
  readonly stoppedMs?: number;
}

/** The instant that lies so far behind another, in a place: days count whole, to their end there. */
function after(ms: number, length: Length, { nation, zone }: ClockRules): number {
  if ('seconds' in length) return ms + length.seconds * 1000;
  const day = dateOf(ms, zone);
  if ('days' in length) return endOfDay(addDays(day, length.days), zone);
  if ('months' in length) return endOfDay(addMonths(day, length.months), zone);
  return endOfDay(addWorkingDays(day, length.workingDays, nation), zone);
}

/** All clocks of a dispute that was received at this instant. */
export function startClocks(receivedMs: number, rules: ClockRules): DisputeClock[] {
  return rules.clocks.map(({ id, kind, length, source }) => ({
    ...{ rule: id, source, kind, dueMs: after(receivedMs, length, rules) },
  }));
}

/** The clocks of a kind are over: what they are about was done. */
export function meetClocks(
  clocks: readonly DisputeClock[],
  kinds: readonly ClockKind[],
  ms: number,
): DisputeClock[] {
  return clocks.map((clock) => {
    if (!kinds.includes(clock.kind) || clock.metMs !== undefined) return clock;
    const { stoppedMs: _, ...running } = clock;
    return { ...running, metMs: ms };
  });
}

/** Clocks that may be extended are, each once; undefined where none may be. */
export function extendClocks(clocks: readonly DisputeClock[], rules: ClockRules): DisputeClock[] | undefined {
  return moved(clocks, (clock) => {
    const extension = ruleOf(clock, rules)?.extension;
    if (extension === undefined || clock.extended === true || !isRunning(clock)) return undefined;
    // From the last day itself, of which the due instant is the first ms behind.
    return { ...clock, extended: true, dueMs: after(clock.dueMs - 1, extension, rules) };
  });
}

/** Clocks that may stand still do; undefined where none may. */
export function stopClocks(
  clocks: readonly DisputeClock[],
  ms: number,
  rules: ClockRules,
): DisputeClock[] | undefined {
  return moved(clocks, (clock) =>
    ruleOf(clock, rules)?.stops === true && isRunning(clock) ? { ...clock, stoppedMs: ms } : undefined,
  );
}

/** Clocks that stood still run on, later by as long as they stood; undefined where none did. */
export function resumeClocks(clocks: readonly DisputeClock[], ms: number): DisputeClock[] | undefined {
  return moved(clocks, ({ stoppedMs, ...clock }) =>
    stoppedMs === undefined || clock.metMs !== undefined
      ? undefined
      : { ...clock, dueMs: clock.dueMs + Math.max(0, ms - stoppedMs) },
  );
}

function moved(
  clocks: readonly DisputeClock[],
  move: (clock: DisputeClock) => DisputeClock | undefined,
): DisputeClock[] | undefined {
  const all = clocks.map((clock) => move(clock) ?? clock);
  return all.some((clock, at) => clock !== clocks[at]) ? all : undefined;
}

const ruleOf = ({ rule }: DisputeClock, { clocks }: ClockRules): ClockRule | undefined =>
  clocks.find(({ id }) => id === rule);

const isRunning = ({ metMs, stoppedMs }: DisputeClock): boolean =>
  metMs === undefined && stoppedMs === undefined;

/** When the next clock runs out; null where none runs. Those of a kind only, where one is named. */
export function nextDueMs(clocks: readonly DisputeClock[], kind?: ClockKind): number | null {
  const running = clocks.filter((clock) => isRunning(clock) && (kind ?? clock.kind) === clock.kind);
  return running.reduce<number | null>((due, { dueMs }) => Math.min(due ?? dueMs, dueMs), null);
}

/** What is to be done about clocks that have run out by an instant. */
export function expiries(clocks: readonly DisputeClock[], ms: number, rules: ClockRules): Expiry[] {
  return clocks
    .filter((clock) => isRunning(clock) && clock.dueMs <= ms)
    .flatMap((clock) => ruleOf(clock, rules)?.onExpiry ?? []);
}
