import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clockRulesOf } from './clock-rules.ts';
import { nextDueMs } from './clocks.ts';
import { disputeEvents, outcomes, rejectionReasons, stopReasons } from './codes.ts';
import { isOver, isUnderWay, mayApprove, moveDispute, receivedDispute } from './state-machine.ts';
import type { Dispute, DisputeEvent } from './state-machine.ts';
import { wordsOf } from './words.ts';

const at = Date.parse('2026-11-26T10:00:00+08:00');
const china = clockRulesOf('CN');
const found = (outcome: 'corrected' | 'deleted' | 'unfounded' | 'undetermined'): DisputeEvent => ({
  ...{ kind: 'resolve', outcome },
});

/** What a dispute comes to by these events, a second apart; throws where one may not come. */
function through(events: readonly DisputeEvent[], rules = china): Dispute {
  return events.reduce((dispute, event, n) => {
    const next = moveDispute(dispute, event, at + n * 1000, rules);
    if (next === undefined) throw new RangeError(`${event.kind} may not come when ${dispute.state}`);
    return next;
  }, receivedDispute(at));
}

const plain = (...kinds: ('accept' | 'mark' | 'forward' | 'answer' | 'notify' | 'close')[]): DisputeEvent[] =>
  kinds.map((kind) => ({ kind }));

const event: fc.Arbitrary<DisputeEvent> = fc.oneof(
  fc.constantFrom(...rejectionReasons).map((reason) => ({ kind: 'reject' as const, reason })),
  fc.constantFrom(...stopReasons).map((reason) => ({ kind: 'stop' as const, reason })),
  fc.constantFrom('corrected', 'deleted', 'unfounded', 'undetermined').map(found),
  fc.constantFrom('undetermined', 'deleted').map((outcome) => ({ kind: 'lapse' as const, outcome })),
  fc
    .constantFrom(...disputeEvents)
    .filter((kind) => !['reject', 'stop', 'resolve', 'lapse'].includes(kind))
    .map((kind) => ({ kind }) as DisputeEvent),
);
const history = fc.array(fc.tuple(event, fc.nat(30 * 86_400_000)), { maxLength: 40 });
const place = fc.constantFrom('CN', 'CN-SH', 'CN-HA', 'CN-GD-SZ', 'US', 'EU', 'IN', 'XX');

/** All states of a history: what may not come is passed over. */
function statesOf(steps: readonly (readonly [DisputeEvent, number])[], rules = china): Dispute[] {
  const states = [receivedDispute(at)];
  let ms = at;
  for (const [happened, later] of steps) {
    ms += later;
    const before = states.at(-1) ?? receivedDispute(at);
    states.push(moveDispute(before, happened, ms, rules) ?? before);
  }
  return states;
}

describe('a dispute', () => {
  it.each(['corrected', 'deleted', 'unfounded', 'undetermined'] as const)('ends as %s', (outcome) => {
    const way = [...plain('accept', 'mark', 'forward', 'answer'), found(outcome)];
    expect(through(way)).toMatchObject({ state: outcome, outcome });
    const over = through([...way, ...plain('notify', 'close')]);
    expect(over).toMatchObject({ state: 'closed', outcome });
    expect(wordsOf(over)).toEqual(wordsOf(through(way)));
  });

  it('about what the bureau reports itself needs no provider', () => {
    expect(through(plain('accept', 'mark', 'answer')).state).toBe('answered');
  });

  it('whose time runs out is overdue, and nobody has found anything', () => {
    const lapse = { kind: 'lapse', outcome: 'undetermined' } as const;
    expect(through([...plain('accept', 'mark'), lapse])).toMatchObject({ overdue: true });
  });

  it.each<[string, DisputeEvent[], DisputeEvent]>([
    ['looked into without its mark', plain('accept'), { kind: 'answer' }],
    ['forwarded without its mark', plain('accept'), { kind: 'forward' }],
    ['found out about without an answer', plain('accept', 'mark', 'forward'), found('corrected')],
    [
      'closed before recipients know',
      [...plain('accept', 'mark', 'answer'), found('deleted')],
      { kind: 'close' },
    ],
    ['taken once it was rejected', [{ kind: 'reject', reason: 'no_such_item' }], { kind: 'accept' }],
    [
      'withdrawn once it is decided',
      [...plain('accept', 'mark', 'answer'), found('deleted')],
      { kind: 'withdraw' },
    ],
    ['extended where no rule says so', plain('accept', 'mark'), { kind: 'extend' }],
    ['stopped where no rule says so', plain('accept', 'mark'), { kind: 'stop', reason: 'expert_test' }],
    ['resumed where nothing stands still', plain('accept', 'mark'), { kind: 'resume' }],
  ])('is not %s', (_, before, then) => {
    expect(moveDispute(through(before), then, at + 60_000, china)).toBeUndefined();
  });

  it('is moved by a second person only', () => {
    expect(mayApprove('zhang', 'li')).toBe(true);
    expect(mayApprove('zhang', 'zhang')).toBe(false);
    expect(mayApprove(null, 'li')).toBe(false);
  });
});

describe('whatever happens, in whatever place', () => {
  it('no path skips the mark', () => {
    fc.assert(
      fc.property(history, place, (steps, where) => {
        const states = statesOf(steps, clockRulesOf(where)).map(({ state }) => state);
        const beyond = states.findIndex((state) => !['received', 'accepted', 'rejected'].includes(state));
        expect(beyond === -1 || states[beyond] === 'marked').toBe(true);
      }),
    );
  });

  it('no clock moves earlier, and none starts anew', () => {
    fc.assert(
      fc.property(history, place, (steps, where) => {
        const states = statesOf(steps, clockRulesOf(where));
        for (const [n, { clocks }] of states.entries()) {
          for (const before of states[n - 1]?.clocks ?? []) {
            const now = clocks.find(({ rule }) => rule === before.rule);
            expect(now?.dueMs).toBeGreaterThanOrEqual(before.dueMs);
            expect(now?.metMs).toBe(before.metMs ?? now?.metMs);
          }
        }
      }),
    );
  });

  it('closed and rejected are final, and an outcome stays what it was', () => {
    fc.assert(
      fc.property(history, place, (steps, where) => {
        const states = statesOf(steps, clockRulesOf(where));
        const end = states.findIndex(isOver);
        const final = end === -1 ? [] : states.slice(end);
        expect(new Set(final).size).toBeLessThanOrEqual(1);
        const decided = states.find(({ outcome }) => outcome !== undefined)?.outcome;
        const later = states.flatMap(({ outcome }) => outcome ?? []);
        expect(later.every((outcome) => outcome === decided)).toBe(true);
        expect(decided === undefined || outcomes.includes(decided)).toBe(true);
      }),
    );
  });

  it('a clock runs where something is to be done, and none where all is found', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const states = statesOf(steps);
        const running = states.filter(isUnderWay).map(({ clocks }) => nextDueMs(clocks, 'resolve'));
        expect(running).not.toContain(null);
        const decided = states.filter(({ outcome }) => outcome !== undefined);
        expect(decided.filter(({ clocks }) => nextDueMs(clocks) !== null)).toEqual([]);
      }),
    );
  });
});
