import { get } from '@causeway/ui/requests.ts';

export interface Institution {
  readonly id: string;
  readonly legal_name: string;
  readonly legal_name_zh?: string;
}

type State = 'accepted' | 'running' | 'complete' | 'partial' | 'refused' | 'failed';

interface Inquiry {
  readonly id: string;
  readonly state: State;
  readonly at: string;
  readonly report: boolean;
  readonly purpose?: string;
  readonly code?: string;
}

export interface Today {
  readonly since: string;
  readonly states: readonly { readonly state: State; readonly count: number }[];
  readonly items: readonly Inquiry[];
  readonly next?: string;
}

export interface Found {
  readonly id: string;
  readonly state: State;
  readonly report: boolean;
  readonly code?: string;
  readonly bureaus: readonly {
    readonly bureau: string;
    readonly state: 'waiting' | 'asking' | 'answered' | 'refused' | 'timeout' | 'error' | 'stale' | 'skipped';
    readonly attempts: number;
  }[];
}

export interface Errors {
  readonly since: string;
  readonly inquiries: readonly Counted[];
  readonly bureaus: readonly (Counted & { readonly bureau: string })[];
}

interface Counted {
  readonly code: string;
  readonly count: number;
  readonly last_at: string;
}

export const api = {
  institutions: async () => await get<{ readonly items: readonly Institution[] }>('/v1/console/institutions'),
  today: async (before?: string) =>
    await get<Today>(`/v1/console/inquiries${before === undefined ? '' : `?before=${before}`}`),
  find: async (id: string) => await get<Found>(`/v1/console/inquiries/${encodeURIComponent(id)}`),
  errors: async () => await get<Errors>('/v1/console/errors'),
};
