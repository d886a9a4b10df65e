import { expect, test } from 'vitest';
import { move, type Action, type State } from './state-machine.ts';

const outcome = (state: State, action: Action): string => {
  const moved = move(state, action);
  return typeof moved === 'string' ? moved : moved.to;
};

test.each<[State, Partial<Record<Action, string>>]>([
  ['active', { revoke: 'revoked', pause: 'paused', resume: 'already' }],
  ['paused', { revoke: 'revoked', pause: 'already', resume: 'active' }],
  ['revoked', { revoke: 'already', pause: 'conflict', resume: 'conflict' }],
  ['open', { freeze: 'frozen', thaw: 'already' }],
  ['frozen', { freeze: 'already', thaw: 'open' }],
])('from %s', (state, expected) => {
  for (const [action, to] of Object.entries(expected)) {
    expect([action, outcome(state, action as Action)]).toEqual([action, to]);
  }
});

test('nothing leads out of a revocation, and a freeze is no state of a consent', () => {
  for (const action of ['pause', 'resume', 'freeze', 'thaw'] as const) {
    expect(outcome('revoked', action)).toBe('conflict');
  }
  for (const state of ['active', 'paused'] as const) {
    for (const action of ['freeze', 'thaw'] as const) expect(outcome(state, action)).toBe('conflict');
  }
});
