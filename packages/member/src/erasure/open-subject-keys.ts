import { join } from 'node:path';

import {
  ConfigError,
  createDatabase,
  every,
  migrate,
  requireSafeDatabase,
  SubjectKeys,
} from '@causeway/service';
import type { ServiceContext } from '@causeway/service';
import type { TProperties } from 'typebox';

import { buryAlone } from './bury-subject.ts';
import { ErasedSweep } from './sweep-erased.ts';

const migrationsDir = join(import.meta.dirname, '../../../../migrations/keys');
const connections = { store: 2, rows: 2 } as const;
const sweepMs = 60_000;

/** The keys of the subjects of whom a node keeps something. */
export interface OpenKeys {
  readonly keys: SubjectKeys;
  readonly close: () => Promise<void>;
}

interface Options<P extends TProperties> {
  readonly context: ServiceContext<P>;
  readonly name: string;
  readonly buryLives?: (lives: readonly string[]) => Promise<number>;
}

/**
 * Opens the key store, after the node's own database has been migrated. Before this returns, all that a
 * restored backup has brought back of erased subjects is gone again: nothing is answered about them.
 * @throws ConfigError where the node was not told of a key store, or it is the payload database itself
 */
export async function openSubjectKeys<P extends TProperties>(options: Options<P>): Promise<OpenKeys> {
  const { buryLives, context, name } = options;
  const { clock, config, log, random } = context;
  const { databaseUrl, keysDatabaseOwnerUrl, keysDatabaseUrl: url, unsafeStoreAccepted } = config;
  if (url === undefined) throw new ConfigError('CAUSEWAY_KEYS_DATABASE_URL is not set.');
  if (url === databaseUrl)
    throw new ConfigError(
      'CAUSEWAY_KEYS_DATABASE_URL must not be CAUSEWAY_DATABASE_URL: its backups would hold the keys.',
    );
  await requireSafeDatabase({ url, unsafeAccepted: unsafeStoreAccepted, log });
  if (keysDatabaseOwnerUrl !== undefined)
    await migrate({ ownerUrl: keysDatabaseOwnerUrl, dir: migrationsDir, log });
  const store = createDatabase({ url, name: `${name}-keys`, max: connections.store, log });
  const rows = createDatabase({ url: databaseUrl, name: `${name}-lives`, max: connections.rows, log });
  const keys = new SubjectKeys({
    ...{ store: store.pool, rows: rows.pool, sealing: config.keys.sealing, clock, random },
    bury: async (dead) => await buryAlone(rows.db, dead),
  });
  const sweep = new ErasedSweep({ keys, db: rows.db, log, ...(buryLives && { buryLives }) });
  await sweep.all();
  const timer = every('erased', sweepMs, async () => await sweep.next(), { log });
  return {
    keys,
    close: async () => {
      await timer.stop();
      await Promise.all([store.close(), rows.close()]);
    },
  };
}
