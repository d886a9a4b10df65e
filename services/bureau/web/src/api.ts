import type { DisputeEventKind, DisputeReason } from '@causeway/records/disputes/codes';
import { get, post } from '@causeway/ui/requests.ts';

/** A sentence in both languages. */
export interface Said {
  readonly en: string;
  readonly zh: string;
}

export interface Health {
  readonly source: { readonly name: string; readonly ok?: boolean; readonly detail?: string };
  readonly last_batch_at?: string;
  readonly running_batches: number;
  readonly answers: readonly {
    readonly state: 'disclosed' | 'refused' | 'reserved';
    readonly outcome: string;
    readonly count: number;
  }[];
}

export interface Batch {
  readonly id: number;
  readonly batch: string;
  readonly mapping: string;
  readonly mapping_name?: string;
  readonly state: 'running' | 'complete';
  readonly bytes: number;
  readonly lines: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly warnings: number;
  readonly deleted: number;
  readonly started_at: string;
  readonly finished_at?: string;
  /** Said in lists. */
  readonly signed_off?: boolean;
}

export interface BatchDetail extends Batch {
  readonly rules: readonly {
    readonly rule: string;
    readonly lines: number;
    readonly severity?: Severity;
    readonly what?: Said;
    readonly fix?: Said;
  }[];
  /** How far it has been read, in bytes. */
  readonly offset: number;
  /** Digest of the signed statement that it was taken. */
  readonly statement?: string;
  /** Whether rejected lines of its format can be mended by hand. */
  readonly typed: boolean;
  readonly uploads: readonly { readonly person: string; readonly name: string; readonly at: string }[];
  readonly corrects?: Pick<Batch, 'batch' | 'mapping'>;
  readonly corrected_by: readonly Pick<Batch, 'batch' | 'mapping'>[];
  readonly sign_off?: SignedOff;
}

/** Who signed a batch off, and the figures that they signed. */
export interface SignedOff extends Pick<Batch, 'bytes' | 'lines' | 'accepted' | 'rejected'> {
  readonly warnings: number;
  readonly deleted: number;
  readonly person: string;
  readonly name: string;
  readonly statement: string;
  readonly at: string;
}
export type Severity = 'file' | 'rejected' | 'warned';

export interface Mapping {
  readonly mapping: string;
  readonly name: string;
  readonly format: string;
  readonly encoding: string;
  readonly created_at: string;
}

export interface PreviewedLine {
  readonly line: number;
  readonly cells: readonly { readonly column: string; readonly text: string }[];
  readonly subject?: string;
  readonly records: readonly Readonly<Record<string, unknown>>[];
  readonly rejection?: { readonly rule: string; readonly message: string; readonly what?: Said };
}

export interface Keys {
  readonly directory: { readonly version: number; readonly expires_at: string };
  readonly certificates: readonly {
    readonly thumbprint: string;
    readonly from: string;
    readonly until: string;
    readonly listed: boolean;
  }[];
  readonly not_here: readonly string[];
  readonly authorities: readonly { readonly name: string; readonly until: string }[];
  readonly keys: readonly {
    readonly kid: string;
    readonly use: readonly string[];
    readonly from: string;
    readonly here: boolean;
    readonly retired_at?: string;
    readonly revoked_at?: string;
  }[];
}

export interface Rules {
  readonly pack: string;
  readonly rules: readonly {
    readonly id: string;
    readonly severity: Severity;
    readonly what: Said;
    readonly fix: Said;
  }[];
  /** The last batches, the oldest first, and how often each rule spoke. */
  readonly batches: readonly {
    readonly mapping_name: string;
    readonly started_at: string;
    readonly lines: number;
    readonly rules: Readonly<Record<string, number>>;
  }[];
  readonly trend: readonly {
    readonly month: string;
    readonly provider: string;
    /** 0 to 100; null where nothing was to be judged. */
    readonly index: number | null;
    readonly components: Readonly<Record<QualityPart, number | null>>;
  }[];
}

type QualityPart = 'completeness' | 'timeliness' | 'validity' | 'consistency';

export interface Reads {
  readonly since: string;
  readonly items: readonly {
    readonly lender: string;
    readonly legal_name: string;
    readonly legal_name_zh?: string;
    readonly purpose?: string;
    readonly inquiries: number;
    readonly disclosed: number;
    readonly refused: number;
    readonly last_at: string;
  }[];
}

export interface Dispute {
  readonly id: string;
  readonly record: string;
  readonly reason: DisputeReason;
  readonly provider: string | null;
  readonly state: string;
  readonly handler: string | null;
  readonly received_at: string;
  readonly due_at: string | null;
  readonly clocks: readonly {
    readonly rule: string;
    readonly due_at: string;
    readonly met_at?: string;
    readonly stopped_at?: string;
  }[];
  readonly overdue?: boolean;
  /** Where it stands, as the subject reads it. */
  readonly words: Said;
}

export interface DisputeDetail extends Dispute {
  /** What the subject wrote. */
  readonly text: string;
  readonly steps: readonly {
    readonly step: number;
    readonly event: DisputeEventKind;
    readonly by: string;
    readonly at: string;
    readonly text?: string;
  }[];
}

export const stopReasons = ['expert_test', 'person_absent', 'court'] as const;

/** What is done with a dispute from here. */
export type DisputeAct =
  | { readonly kind: 'forward' | 'extend' | 'resume' }
  | { readonly kind: 'stop'; readonly reason: (typeof stopReasons)[number] }
  | {
      readonly kind: 'correct';
      /** Left out where another system holds the record. */
      readonly set?: Readonly<Record<string, unknown>>;
      readonly text?: string;
    }
  | { readonly kind: 'answer' | 'delete'; readonly text?: string }
  | { readonly kind: 'find'; readonly outcome: 'unfounded' | 'undetermined'; readonly text?: string };

/** One field of a disputed record; `parts`: has members, and no single value. */
export interface ItemField {
  readonly name: string;
  readonly type: 'text' | 'choice' | 'number' | 'flag' | 'parts';
  readonly title?: string;
  readonly value?: unknown;
  readonly options?: readonly string[];
  readonly required: boolean;
}

/** The record that a dispute is about; without fields where it is there no more, or in another system. */
export interface DisputedItem {
  readonly record: string;
  /** The system that holds it, where that is not the bureau's own store. */
  readonly native?: string;
  readonly version?: number;
  readonly fields: readonly ItemField[];
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: number;
}

const paged = (path: string, before: number | undefined): string =>
  before === undefined ? path : `${path}?before=${before}`;

export const api = {
  health: async () => await get<Health>('/v1/console/health'),
  batches: async (before?: number) => await get<Page<Batch>>(paged('/v1/console/batches', before)),
  mappings: async () => await get<Page<Mapping>>('/v1/console/mappings'),
  preview: async (mapping: string, sample: string) =>
    await post<Page<PreviewedLine>>('/v1/console/previews', { mapping, sample }),
  keys: async () => await get<Keys>('/v1/console/keys'),
  rules: async () => await get<Rules>('/v1/console/rules'),
  reads: async () => await get<Reads>('/v1/console/reads'),
  disputes: async () => await get<Page<Dispute>>('/v1/console/disputes'),
  dispute: async (id: string) => await get<DisputeDetail>(`/v1/console/disputes/${id}`),
  item: async (id: string) => await get<DisputedItem>(`/v1/console/disputes/${id}/item`),
  act: async (id: string, act: DisputeAct) =>
    await post<DisputeDetail>(`/v1/console/disputes/${id}/acts`, act),
};
