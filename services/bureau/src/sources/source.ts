import type { CreditRecord } from '@causeway/records';
import type { HotTransaction } from '@causeway/service';

/** A record as its source holds it: its text, its day, and the categories that let it out unread. */
export interface SourceRecord {
  readonly text: string;
  readonly as_of: string;
  /** Undefined where only a projection of it can go out, or nothing. */
  readonly openedBy: readonly string[] | undefined;
}

/** What a source holds on one subject. Known with nothing and not known are different facts. */
export interface SourceAnswer {
  readonly known: boolean;
  /** All of it, not yet projected to what was granted. */
  readonly records: readonly SourceRecord[];
}

/** The bureau's own store: read for a whole batch inside the transaction that records the answers. */
interface HostedSource {
  readonly kind: 'hosted';
  read(trx: HotTransaction, subjectRefs: readonly string[]): Promise<ReadonlyMap<string, SourceAnswer>>;
}

/** A native system: asked between two transactions, the reservation and the answer. */
interface RemoteSource {
  readonly kind: 'remote';
  read(subjectRef: string, signal: AbortSignal): Promise<RemoteAnswer>;
}

/** What a native system said, in the canonical model. */
export interface RemoteAnswer {
  readonly known: boolean;
  readonly records: readonly CreditRecord[];
}

/** Where a bureau's records come from. */
export type Source = HostedSource | RemoteSource;
