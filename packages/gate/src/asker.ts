import type { ErrorCode } from '@causeway/protocol';

/** What the gate reads of a member's directory entry. */
export interface Asker {
  readonly id: string;
  readonly status: 'active' | 'suspended';
  readonly roles: readonly string[];
  readonly class?: string;
  readonly jurisdiction?: string;
}

/** A reason against: an error code of the exchange, and the rule that says it. */
export interface Against {
  readonly code: ErrorCode;
  readonly rule: string;
}

/** The reason against a member that may not ask at all; undefined where there is none. */
export function askerAgainst(asker: Asker | undefined, issuer: string): Against | undefined {
  if (!asker || asker.id !== issuer) return { code: 'member_unknown', rule: 'gate.asker.unknown' };
  return asker.status === 'active' ? undefined : { code: 'member_suspended', rule: 'gate.asker.suspended' };
}
