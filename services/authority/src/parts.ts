import { join } from 'node:path';
import type { Clock } from '@causeway/kernel';
import { type DirectoryClient, createDirectoryClient } from '@causeway/member/directory-client';
import { type Keyring, openKeyring } from '@causeway/member/node-keyring';
import { type NodeTrees, openTrees } from '@causeway/member/node-trees';
import { NATIONAL_POLICY, policyText } from '@causeway/policy';
import { sha256Digest } from '@causeway/protocol/digest';
import { type Database, createDatabase } from '@causeway/service/database';
import { requireSafeDatabase } from '@causeway/service/database-safety';
import { type FederationClient, createFederationClient } from '@causeway/service/federation-client';
import { migrate } from '@causeway/service/migrations';
import { type ReplayStore, createReplayStore } from '@causeway/service/replay-store';
import { staffVariables } from '@causeway/service/staff/open-desk';
import type { ServiceContext } from '@causeway/service/run-service';
import { Type } from 'typebox';
import { type CertificateIssuer, startCertificateIssuer } from './certificates/issuer.ts';
import { seedOwnEntry } from './directory/own-entry.ts';
import { storedDirectory } from './directory/repository.ts';
import { type RootFiles, openRootFiles } from './directory/root-files.ts';
import { type DirectorySigner, startDirectorySigner } from './directory/signer.ts';
import { type AuthorityKeys, keyFiles, keyFolders, loadAuthorityKeys } from './keys.ts';
import { type BlindEvaluator, startBlindEvaluator } from './subject-refs/evaluator.ts';
import type { AuthorityTables } from './tables.ts';

/** The authority's own settings. */
export const authorityVariables = {
  ...staffVariables,
  CAUSEWAY_KEYS_DIR: Type.String({ minLength: 1 }),
  /** JWK Set of the officers' public keys; usually given as CAUSEWAY_OFFICERS_FILE. */
  CAUSEWAY_OFFICERS: Type.String(),
  /** Blinded elements that a member may have evaluated on one day (UTC). */
  CAUSEWAY_BLIND_BUDGET: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000_000 })),
  /** How long a leg of an inquiry may lack another before that is an alarm, milliseconds. */
  CAUSEWAY_RECONCILIATION_GRACE_MS: Type.Optional(Type.Integer({ minimum: 0, maximum: 60_000 })),
};

/** By the machine's own clock: the authority's is the one that nodes compare theirs with. */
export type AuthorityContext = Omit<ServiceContext<typeof authorityVariables>, 'clock'> & {
  readonly clock: Clock;
};

/** What the listeners are made of. */
export interface AuthorityParts extends Children, NodeTrees, Database<AuthorityTables> {
  readonly keys: AuthorityKeys;
  readonly keyring: Keyring;
  readonly roots: RootFiles;
  readonly directory: DirectoryClient;
  readonly replay: ReplayStore;
  /** Calls to other nodes. */
  readonly federation: FederationClient;
}

/** The three processes that hold one key each, which the HTTP process must not be able to read out. */
interface Children {
  readonly signer: DirectorySigner;
  readonly issuer: CertificateIssuer;
  readonly evaluator: BlindEvaluator;
}

const MIGRATIONS = join(import.meta.dirname, '../../../migrations/authority');
/** How soon another replica's change is seen here; this one's own changes are seen at once. */
const FOLLOW_MS = 1000;

/** Opens the database, starts the child processes, and makes sure that there is a signed directory. */
export async function openParts(context: AuthorityContext): Promise<AuthorityParts> {
  const { config, own, clock, log, faults } = context;
  const { fed, member, authorityUrl, anchor } = config;
  const { databaseUrl: url, unsafeStoreAccepted: unsafeAccepted } = config;
  await requireSafeDatabase({ url, unsafeAccepted, log });
  const keys = loadAuthorityKeys(own.CAUSEWAY_KEYS_DIR, member);
  const roots = openRootFiles({ dir: own.CAUSEWAY_KEYS_DIR, anchor, log });
  if (config.databaseOwnerUrl !== undefined) {
    await migrate({ ownerUrl: config.databaseOwnerUrl, dir: MIGRATIONS, log });
  }
  const database = createDatabase<AuthorityTables>({ url: config.databaseUrl, name: 'authority', log });
  const { db, pool } = database;
  await seedOwnEntry(db, keys.ownEntryText, clock);
  const children = await startChildren(context);
  const directory = createDirectoryClient({
    authorityUrl,
    anchor,
    fed,
    clock,
    log,
    db,
    source: storedDirectory(db, roots),
    pollMs: FOLLOW_MS,
  });
  const replay = createReplayStore(pool, clock);
  const keyring = openKeyring({ config, directory, clock, log, faults });
  const members = () => directory.view();
  const federation = createFederationClient({ fed, tls: keyring.tls, members, clock });
  const trees = openTrees({ ...context, authority: member, pool, directory, federation });
  const close = async (): Promise<void> => {
    await federation.close();
    await database.close();
  };
  const parts = { keys, keyring, roots, directory, replay, federation };
  return { db, pool, close, ...parts, ...trees, ...children };
}

async function startChildren({ config, own, log }: AuthorityContext): Promise<Children> {
  const { fed, member, anchor, databaseUrl, logLevel } = config;
  const file = (name: string) => join(own.CAUSEWAY_KEYS_DIR, name);
  const policy = { version: NATIONAL_POLICY.version, digest: sha256Digest(policyText(NATIONAL_POLICY)) };
  const signing = { dir: own.CAUSEWAY_KEYS_DIR, anchor, databaseUrl, member, fed, policy, logLevel };
  const issuing = { keyFile: file(keyFiles.caKey), caFile: file(keyFiles.ca), fed };
  const [signer, issuer, evaluator] = await Promise.all([
    startDirectorySigner(signing, { log }),
    startCertificateIssuer(issuing, { log }),
    startBlindEvaluator(file(keyFolders.evaluator), { log }),
  ]);
  await signer.publish();
  return { signer, issuer, evaluator };
}
