import type { Clock, Faults, Random } from '@causeway/kernel';
import type { DirectoryView, SignsWith } from '@causeway/protocol';
import type { Bulkhead, Database, FederationClient, Log, SubjectKeys, Waiters } from '@causeway/service';
import type { Lane } from '@causeway/service/queue';
import type { Kysely } from 'kysely';

import type { Calls } from './calls.ts';
import type { FreshWork } from './fan-out/fresh-work.ts';
import type { Paced } from './fan-out/pace.ts';
import type { Backlog } from './inquiries/backlog.ts';
import type { ReadyReport } from './reports/release.ts';
import type { Steps } from './steps.ts';
import type { BrokerTables } from './tables.ts';
import type { Vault } from './vault.ts';

/** Where finished and delayed work is announced; it may forget, the outbox does not. */
export interface WorkQueue {
  /** Queues an inquiry at once. Never throws: the sweeper repairs what the queue loses. */
  start(inquiry: string, lane?: Lane): void;
  /** Queues it again after `delayMs`, among the retries of its lane. Never throws. */
  retry(inquiry: string, delayMs: number, lane?: Lane): void;
}

/** What every part of the broker works with, built once in app.ts. */
export interface Broker {
  readonly fed: string;
  /** The broker's own member id. */
  readonly me: string;
  /** Signs the broker's statements; which of its keys does is decided for each. */
  readonly key: SignsWith;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly faults: Faults;
  readonly db: Kysely<BrokerTables>;
  /** For the hot statements. */
  readonly pool: Database<BrokerTables>['pool'];
  readonly vault: Vault;
  readonly subjectKeys: Pick<SubjectKeys, 'of' | 'ofLife'>;
  readonly directory: { view(): DirectoryView; refresh(minVersion?: number): Promise<void> };
  readonly federation: Pick<FederationClient, 'call'>;
  /** One per bureau, made at its first use. */
  readonly bulkhead: (bureau: string) => Bulkhead;
  readonly pace: Paced;
  readonly queue: WorkQueue;
  readonly fresh: Pick<FreshWork, 'begin'>;
  readonly backlog: Backlog;
  /** Durable steps and calls that many inquiries share. */
  readonly steps: Steps;
  readonly calls: Calls;
  readonly waiters: Waiters<ReadyReport>;
}
