import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { createDatabase } from '@causeway/service';
import type { Database } from '@causeway/service';

import { log } from './ledgers.fixture.ts';

/** A node's database, and the statements that only its owner may make. */
export interface LedgerDatabase extends Database<unknown> {
  asOwner(text: string): Promise<void>;
  drop(): Promise<void>;
}

export async function ledgerDatabase(): Promise<LedgerDatabase> {
  const server: TestDatabase = await testDatabase({ migrations: 'bureau' });
  const database = createDatabase({ url: server.url, name: 't', log });
  const owner = createDatabase({ url: server.ownerUrl, name: 'owner', max: 1, log });
  // The trees of these tests are in memory: there are cosignatures without a row of their checkpoint.
  await owner.pool.query('ALTER TABLE ledger_cosignature DROP CONSTRAINT ledger_cosignature_size_fkey');
  return {
    ...database,
    asOwner: async (text) => void (await owner.pool.query(text)),
    drop: async () => {
      await Promise.all([database.close(), owner.close()]);
      await server.drop();
    },
  };
}
