import { get, remove } from '@causeway/ui/requests.ts';

/** Until when what of the person is kept, and by which law. */
interface Kept {
  readonly rule: string;
  readonly what: 'accesses' | 'consents' | 'disputes' | 'adverse_information';
  readonly source: string;
  readonly source_zh: string;
  readonly months: number;
  readonly until: string;
}

/** Where an erasure stands, or with `none` what it would come to. */
export interface ErasureView {
  readonly status: 'none' | 'restricted' | 'erasing';
  readonly due_at: string;
  readonly kept: readonly Kept[];
  readonly restricted_since?: string;
  readonly stop?: {
    readonly acknowledgements: readonly { readonly node: string; readonly acked_at: string }[];
    readonly waiting: readonly string[];
  };
  readonly erased?: readonly string[];
  readonly waiting?: readonly string[];
}

export const erasureApi = {
  view: async () => await get<ErasureView>('/v1/erasure'),
  withdraw: async () => await remove<ErasureView>('/v1/erasure'),
};
