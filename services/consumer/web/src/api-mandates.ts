import { get, post } from '@causeway/ui/requests.ts';

export const powers = ['read', 'consent', 'freeze', 'dispute'] as const;
export type Power = (typeof powers)[number];

/** That somebody may act for another; `name` is of the other one of the two. */
export interface Mandate {
  readonly id: string;
  readonly name: string;
  readonly kind: 'guardian' | 'attorney';
  readonly powers: readonly Power[];
  /** Of the consents that it covers; any where it names none. */
  readonly purposes?: readonly string[];
  readonly status: 'standing' | 'over' | 'ended';
  readonly until: string;
  readonly ended_at?: string;
}

/** By whom something was done for the person. */
export interface DoneBy {
  readonly role: 'guardian' | 'attorney';
  readonly name: string;
}

/** Always for the person themselves. */
export const mandatesApi = {
  list: async () =>
    await get<{ readonly for_me: readonly Mandate[]; readonly by_me: readonly Mandate[] }>('/v1/mandates'),
  showCode: async (name: string) =>
    await post<{ readonly code: string; readonly expires_at: string }>('/v1/mandate-codes', { name }),
  end: async (id: string) => await post<undefined>(`/v1/mandates/${id}/end`),
};
