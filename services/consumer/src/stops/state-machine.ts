import type { StopAction } from '@causeway/protocol';

/** Every act by which a subject stops or resumes releases. */
export type Action = StopAction;

/** The states of a consent, and those of a subject as a whole. */
export type State = 'active' | 'paused' | 'revoked' | 'open' | 'frozen';

interface Move {
  readonly from: readonly State[];
  readonly to: State;
}

const moves: Readonly<Record<Action, Move>> = {
  revoke: { from: ['active', 'paused'], to: 'revoked' },
  pause: { from: ['active'], to: 'paused' },
  resume: { from: ['paused'], to: 'active' },
  freeze: { from: ['open'], to: 'frozen' },
  thaw: { from: ['frozen'], to: 'open' },
};

/**
 * Where an act leads from a state: to another one; `already` where it has been done; `conflict` where it
 * cannot be done from here. A revoked consent stays revoked.
 */
export function move(state: State, action: Action): { readonly to: State } | 'already' | 'conflict' {
  const { from, to } = moves[action];
  if (from.includes(state)) return { to };
  return state === to ? 'already' : 'conflict';
}
