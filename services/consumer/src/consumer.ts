import type { Clock, Faults, Random } from '@causeway/kernel';
import type { LedgerStore } from '@causeway/member';
import type { PolicySet } from '@causeway/policy';
import type { DirectoryView, SignsWith } from '@causeway/protocol';
import type { Database, FederationClient, Log, SubjectKeys, Waiters } from '@causeway/service';
import type { Officers } from '@causeway/service/officers';
import type { Kysely } from 'kysely';
import type { ConsentCache } from './grants/consent-cache.ts';
import type { WarrantSource } from './grants/warrants.ts';
import type { VerifyIdToken } from './subjects/id-token.ts';
import type { SubjectReferences } from './subjects/references.ts';
import type { ConsumerTables } from './tables.ts';

/** What the service's features are made from; one per process. */
export interface Consumer {
  readonly fed: string;
  /** Where its public listener is reached, as in `https://portal.example`: the origin of its own pages. */
  readonly publicUrl: string;
  readonly db: Kysely<ConsumerTables>;
  /** For the hot statements. */
  readonly pool: Database<ConsumerTables>['pool'];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly faults: Faults;
  /** The directory of this moment. Throws `not_ready` when it is absent or past its expiry. */
  readonly directory: () => DirectoryView;
  /** Fetches the directory until it has this version. Throws `not_ready` where it cannot be had. */
  readonly catchUp: (version: number) => Promise<void>;
  /** False while witnesses may have more of this node's ledger than its database: then nothing is granted. */
  readonly mayGrant: () => boolean;
  /** Proof files of statements in this node's own ledger. */
  readonly ledger: Pick<LedgerStore, 'firstProofOf' | 'proofsOf'>;
  /** Calls to other nodes. */
  readonly federation: Pick<FederationClient, 'call'>;
  /** Signs the service's statements; which of its keys does is decided for each. */
  readonly key: SignsWith;
  /** 32 bytes of the node, for what is not of one subject. */
  readonly sealing: Uint8Array;
  /** What is of one subject is sealed under their key. */
  readonly subjectKeys: Pick<SubjectKeys, 'all' | 'destroy' | 'handleOf' | 'of'>;
  readonly verifyIdToken: VerifyIdToken;
  readonly references: SubjectReferences;
  /** Consents that were opened lately. */
  readonly consents: ConsentCache;
  readonly warrants: WarrantSource;
  /** Who follows a subject's events in this process, by reference. */
  readonly waiters: Waiters<true>;
  /** Whether this installation sends e-mail. */
  readonly mails: boolean;
  /** By which it decides whether consents may be given with assistance. */
  readonly policy: PolicySet;
  /** Who decides here on guardianships; nobody where none are configured. */
  readonly officers: Officers;
}
