import type { Clock, Faults, Random } from '@causeway/kernel';
import type { PolicySet } from '@causeway/policy';
import type { DirectoryView, SignsWith } from '@causeway/protocol';
import type { LifeRules } from '@causeway/records/life/index';
import type { Database, FederationClient, Log, SubjectKeys } from '@causeway/service';
import type { Kysely } from 'kysely';

import type { Answers } from './disclosures/disclose.ts';
import type { Passkeys } from './enrolments/passkeys.ts';
import type { SubjectReferences } from './publishing/references.ts';
import type { Spool } from './publishing/spool.ts';
import type { Roster } from './roster/roster.ts';
import type { Source } from './sources/source.ts';
import type { CommitChunk } from './store/commit-chunk.ts';
import type { BureauTables } from './tables.ts';

/** What every part of the bureau works with, built once in app.ts. */
export interface Bureau {
  readonly fed: string;
  /** The bureau's own member id. */
  readonly me: string;
  /** Signs the bureau's statements; which of its keys does is decided for each. */
  readonly key: SignsWith;
  /** 32 bytes of the node, for what is not of one subject, such as the spool. */
  readonly sealing: Uint8Array;
  /** What the exchange makes of one subject is sealed under their key. */
  readonly subjectKeys: Pick<SubjectKeys, 'all' | 'of'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly faults: Faults;
  readonly db: Kysely<BureauTables>;
  /** For the hot statements. */
  readonly pool: Database<BureauTables>['pool'];
  readonly directory: { view(): DirectoryView; refresh(minVersion?: number): Promise<void> };
  /** Calls to other nodes. */
  readonly federation: Pick<FederationClient, 'call'>;
  /** The version in force here. */
  readonly policy: PolicySet;
  /** How long records are kept here and how they are shown, by the bureau's own place. */
  readonly life: () => LifeRules;
  readonly source: Source;
  /** Whom the native system knows behind a reference; undefined where the bureau has nobody there. */
  readonly roster: Roster;
  readonly answers: Answers;
  /** Verifies what subjects have signed with their passkeys. */
  readonly passkeys: Pick<Passkeys, 'check'>;
  readonly references: SubjectReferences;
  readonly spool: Spool;
  readonly commitChunk: CommitChunk;
}
