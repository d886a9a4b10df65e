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
  await owner.pool.query(TABLES);
  return {
    ...database,
    asOwner: async (text) => void (await owner.pool.query(text)),
    drop: async () => {
      await Promise.all([database.close(), owner.close()]);
      await server.drop();
    },
  };
}

const TABLES = `
CREATE TABLE IF NOT EXISTS ledger_checkpoint (size bigint PRIMARY KEY, root bytea NOT NULL, note text NOT NULL,
  at_ms bigint NOT NULL);
CREATE TABLE IF NOT EXISTS ledger_cosignature (size bigint NOT NULL, witness text NOT NULL, line text NOT NULL,
  cosigned_at bigint NOT NULL, PRIMARY KEY (size, witness));
CREATE TABLE IF NOT EXISTS witnessed (origin text PRIMARY KEY, size bigint NOT NULL, root bytea NOT NULL,
  note text NOT NULL, at_ms bigint NOT NULL);
CREATE TABLE IF NOT EXISTS ledger_alarm (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at_ms bigint NOT NULL,
  kind text NOT NULL, origin text NOT NULL, detail jsonb NOT NULL);
GRANT SELECT, INSERT ON ledger_checkpoint, ledger_cosignature, ledger_alarm TO causeway_app;
GRANT SELECT, INSERT, UPDATE ON witnessed TO causeway_app;`;
