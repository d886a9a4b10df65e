import { get, post } from '@causeway/ui/requests.ts';
import { actingHeaders } from './acting.ts';
import { type Page } from './api.ts';
import type { DoneBy } from './api-mandates.ts';

interface Words {
  readonly en: string;
  readonly zh: string;
}

/** Until when something about a dispute must be done, by which law. */
interface Clock {
  readonly rule: string;
  readonly source: string;
  readonly kind: 'mark' | 'forward' | 'resolve';
  readonly due_at: string;
  readonly met_at?: string;
  readonly stopped_at?: string;
}

/** A dispute as it stands. */
export interface DisputeView {
  readonly id: string;
  readonly bureau: string;
  readonly record: string;
  readonly reason: string;
  readonly state: string;
  readonly received_at: string;
  readonly withdrawn_at?: string;
  /** Who has opened it for the person, and who has taken it back. */
  readonly by?: DoneBy;
  readonly withdrawn_by?: DoneBy;
  readonly due_at: string | null;
  readonly clocks: readonly Clock[];
  readonly outcome?: string;
  readonly overdue?: true;
  readonly words: Words;
}

/** A dispute with what was written and done. */
export interface WholeDispute extends DisputeView {
  readonly text: string;
  readonly timeline: readonly { readonly event: string; readonly at: string; readonly text?: string }[];
  /** Lenders that were told of the correction, by inquiry. */
  readonly corrections: number;
}

/** An item at a bureau. */
export interface Item {
  readonly bureau: string;
  readonly record: string;
}

/** What a person disputes: one thing, as each of several bureaus may have reported it. */
export interface NewDispute {
  readonly items: readonly Item[];
  readonly reason: string;
  readonly text: string;
  readonly report?: string;
}

/** What a lender decided against the person, and for what. */
export interface AdverseAction {
  readonly id: string;
  readonly lender: string;
  readonly decision: 'declined' | 'less_than_asked' | 'worse_terms' | 'ended';
  readonly factors: readonly string[];
  readonly report: string;
  /** What the broker's ledger says of that report; until it has said so, the lender's word. */
  readonly report_checked: 'unconfirmed' | 'confirmed' | 'denied';
  readonly at: string;
}

export const disputesApi = {
  list: async () => await get<Page<DisputeView>>('/v1/disputes', actingHeaders()),
  one: async (id: string) => await get<WholeDispute>(`/v1/disputes/${id}`, actingHeaders()),
  open: async ({ items, key, ...why }: NewDispute & { readonly key: string }) => {
    const [first, ...also] = items;
    const dispute = { ...first, ...why, ...(also.length === 0 ? {} : { also }) };
    return await post<{ id: string }>('/v1/disputes', dispute, {
      'idempotency-key': key,
      ...actingHeaders(),
    });
  },
  withdraw: async (id: string) =>
    await post<DisputeView>(`/v1/disputes/${id}/withdrawal`, undefined, actingHeaders()),
  adverseActions: async () => await get<Page<AdverseAction>>('/v1/adverse-actions', actingHeaders()),
};
