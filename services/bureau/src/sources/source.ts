import type { CreditRecord } from '@causeway/records';
import type { Transaction } from 'kysely';

import type { BureauTables } from '../tables.ts';

/** What a source holds on one subject. Known with nothing and not known are different facts. */
export interface SourceAnswer {
  readonly known: boolean;
  /** All of it, not yet projected to what was granted. */
  readonly records: readonly CreditRecord[];
}

/** The bureau's own store: read inside the transaction that records the answer. */
interface HostedSource {
  readonly kind: 'hosted';
  read(trx: Transaction<BureauTables>, subjectRef: string): Promise<SourceAnswer>;
}

/** A native system: asked between two transactions, the reservation and the answer. */
interface RemoteSource {
  readonly kind: 'remote';
  read(subjectRef: string, signal: AbortSignal): Promise<SourceAnswer>;
}

/** Where a bureau's records come from. */
export type Source = HostedSource | RemoteSource;
