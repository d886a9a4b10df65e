import type { DirectoryView } from '@causeway/protocol';
import {
  createCurveThread,
  createDatabase,
  createFederationClient,
  createMetrics,
  createReplayStore,
  every,
  federationApp,
  memberTokens,
  migrate,
  publicApp,
  requireSafeDatabase,
} from '@causeway/service';
import type {
  App,
  Database,
  FederationClient,
  LiveTls,
  Metrics,
  ReplayStore,
  ServiceContext,
} from '@causeway/service';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { TProperties } from 'typebox';

import { createBlindReferences } from './blind-references.ts';
import type { BlindReferences } from './blind-references.ts';
import { createClockCheck, readAuthorityTime } from './clock-check.ts';
import { createDirectoryClient } from './directory-client.ts';
import type { DirectoryClient } from './directory-client.ts';
import { leavesRoute } from './leaves-route.ts';
import { openKeyring } from './node-keyring.ts';
import type { Keyring } from './node-keyring.ts';
import { openTrees, treeRoutes } from './node-trees.ts';
import type { NodeTrees } from './node-trees.ts';

/** What every node of the federation consists of, before its own routes. */
export interface Node<DB> extends Database<DB>, NodeTrees {
  readonly publicApp: App;
  readonly federationApp: App;
  readonly directory: DirectoryClient;
  readonly federation: FederationClient;
  /** The node's own keys, which may be replaced while it runs. */
  readonly keyring: Keyring;
  /** Subject references, computed with the authority's blind help. */
  readonly references: BlindReferences;
  readonly replay: ReplayStore;
  readonly metrics: Metrics;
  /** Follows the directory; before that nothing is ready. */
  start(): Promise<void>;
}

interface Options<P extends TProperties> {
  readonly context: ServiceContext<P>;
  readonly name: string;
  readonly title: string;
  /** Folder of the service's numbered SQL files. */
  readonly migrationsDir: string;
  readonly poolMax?: number;
  readonly bodyLimit?: number;
  /** The member that issues access tokens. */
  readonly authority?: string;
}

const purgeMs = 60_000;

/**
 * Opens a node: database (migrated where the owner's URL is configured), ledger, directory, both listeners
 * with member tokens and mutual TLS, and the conditions of readiness. Routes are added before `runService`
 * listens.
 */
export async function openNode<DB, P extends TProperties = TProperties>(
  options: Options<P>,
): Promise<Node<DB>> {
  const { config, clock, log, faults } = options.context;
  const { databaseUrl: url, unsafeStoreAccepted: unsafeAccepted } = config;
  await requireSafeDatabase({ url, unsafeAccepted, log });
  if (config.databaseOwnerUrl !== undefined) {
    await migrate({ ownerUrl: config.databaseOwnerUrl, dir: options.migrationsDir, log });
  }
  const database = openDatabase<DB, P>(options);
  const { db, pool } = database;
  const { authorityUrl, anchor, fed } = config;
  const clockAgrees = (): boolean => clockCheck.agrees();
  const atPoll = async (): Promise<void> => {
    // Where no directory is believed nothing is judged by the time, and a clock that was wrong must be free
    // to be corrected, or no directory would ever be believed again.
    if (!directory.ready()) clock.follow();
    await clockCheck.sample();
  };
  const directory = createDirectoryClient({
    ...{ authorityUrl, anchor, fed, clock, log, db },
    ...{ clockAgrees, atPoll },
  });
  const members = (): DirectoryView => directory.members();
  const replay = createReplayStore(pool, clock);
  const metrics = createMetrics();
  const keyring = openKeyring({ config, directory, clock, log, faults });
  const { tls } = keyring;
  const apps = await openApps(options, { directory, members, replay, metrics, tls });
  leavesRoute(apps.federationApp, { pool, clock, members });
  const federation = meeting(createFederationClient({ fed, tls, members, clock }), directory);
  directory.onChange(() => federation.reconsider());
  const curves = createCurveThread({ log });
  const view = (): DirectoryView => directory.view();
  const latest = (): DirectoryView | undefined => directory.latest();
  const references = createBlindReferences({
    ...{ federation, view, latest, thread: curves, log },
    refresh: async () => await directory.refresh(),
  });
  const authority = options.authority ?? 'authority';
  const authorityMs = async (): Promise<number> => await readAuthorityTime(federation, authority);
  const clockCheck = createClockCheck({ authorityMs, clock, log });
  const trees = openTrees({ ...options.context, authority, pool, directory, federation });
  treeRoutes({ ...apps, metrics }, trees);
  const purge = every('replay_purge', purgeMs, async () => await replay.purge(), { log });
  addReadiness(apps.publicApp, { directory, clockAgrees, db });
  return {
    db,
    pool,
    ...apps,
    directory,
    federation,
    keyring,
    references,
    ...trees,
    replay,
    metrics,
    start: async () => await directory.start(),
    close: async () => {
      await Promise.all(
        [directory, purge, trees.sequencer, trees.witnessing, keyring].map((part) => part.stop()),
      );
      await Promise.all([federation.close(), curves.close()]);
      await database.close();
    },
  };
}

interface Conditions<DB> {
  readonly directory: DirectoryClient;
  readonly clockAgrees: () => boolean;
  readonly db: Kysely<DB>;
}

const unprovenDetail =
  'a newer one is obeyed only in what it takes away: the ledger of the authority does not show it';

function addReadiness<DB>(app: App, { directory, clockAgrees, db }: Conditions<DB>): void {
  app.addReadiness('directory', () => directory.ready());
  app.addHealthDetail('directory', async () => ({
    ok: directory.proven(),
    detail: directory.proven() ? 'the newest offered is held' : unprovenDetail,
  }));
  app.addReadiness('clock', clockAgrees);
  app.addReadiness('database', async () => {
    await sql`SELECT 1`.execute(db);
    return true;
  });
}

function openDatabase<DB, P extends TProperties>({ context, name, poolMax }: Options<P>): Database<DB> {
  const max = poolMax ?? 10;
  return createDatabase<DB>({ url: context.config.databaseUrl, name, max, log: context.log });
}

/** What other nodes answer holds statements too, whose keys may be new. */
function meeting(client: FederationClient, directory: DirectoryClient): FederationClient {
  return {
    ...client,
    call: async (request) => {
      const answer = await client.call(request);
      await directory.meet(answer);
      return answer;
    },
  };
}

interface Listening {
  readonly directory: DirectoryClient;
  readonly members: () => DirectoryView;
  readonly replay: ReplayStore;
  readonly metrics: Metrics;
  readonly tls: LiveTls;
}

async function openApps<P extends TProperties>(
  options: Options<P>,
  { directory, members, replay, metrics, tls }: Listening,
): Promise<{ publicApp: App; federationApp: App }> {
  const { config, clock, random, log } = options.context;
  const { name, title, bodyLimit, authority = 'authority' } = options;
  const base = { log, clock, random, bodyLimit };
  const exposeMetrics = config.metrics === 'public';
  const open = await publicApp({ ...base, name, title, metrics, exposeMetrics });
  await memberTokens(open, {
    issuer: `${config.authorityUrl}/oauth`,
    audience: `urn:causeway:${config.fed}:${config.member}`,
    authority,
    directory: members,
    clock,
    replay,
    publicUrl: config.publicUrl,
  });
  const closed = federationApp({ ...base, tls, fed: config.fed, members });
  for (const app of [open, closed]) {
    app.addHook('preHandler', async (request) => await directory.meet(request.body));
  }
  return { publicApp: open, federationApp: closed };
}
