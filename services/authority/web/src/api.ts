import { get } from '@causeway/ui/requests.ts';

export interface Overview {
  readonly health: {
    readonly checks: Readonly<Record<string, boolean>>;
    readonly details: Readonly<Record<string, { readonly ok: boolean; readonly detail: string }>>;
  };
  readonly reconciliation: {
    readonly members: readonly LedgerState[];
    readonly legs: { readonly paired: number };
    readonly inquiries: { readonly waiting: number };
    readonly alarms_total: number;
    readonly alarms_open: number;
    readonly alarms: readonly Alarm[];
  };
}

interface LedgerState {
  readonly member: string;
  readonly status: Status;
  /** How many leaves were read, of how many. */
  readonly position: number;
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly read_through_ms: number | null;
  readonly behind: boolean;
}

interface Alarm {
  readonly kind: string;
  readonly member: string;
  readonly index: number;
  readonly at_ms: number;
  readonly closed_at_ms?: number;
}

type Status = 'active' | 'suspended';

export interface Members {
  readonly directory: { readonly version: number; readonly expires_at: string };
  readonly items: readonly Member[];
}

export interface Member {
  readonly id: string;
  readonly legal_name: string;
  readonly legal_name_zh?: string;
  readonly roles: readonly string[];
  readonly class: string;
  readonly jurisdiction: string;
  readonly status: Status;
  readonly member_since?: string;
  readonly status_since?: string;
  readonly certificates: readonly { readonly thumbprint: string; readonly until?: string }[];
  readonly keys: readonly {
    readonly kid: string;
    readonly use: readonly string[];
    readonly retired_at?: string;
    readonly revoked_at?: string;
  }[];
  readonly staff?: { readonly issuer: string; readonly roles: readonly string[] };
}

export const api = {
  overview: async () => await get<Overview>('/v1/console/overview'),
  members: async () => await get<Members>('/v1/console/members'),
};
