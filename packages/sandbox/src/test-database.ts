import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import pg from 'pg';
import { createDatabase, dropDatabase } from './postgres-databases.ts';
import { roleUrl } from './postgres-server.ts';
import { runServer } from './test-postgres.ts';

const MIGRATIONS = join(import.meta.dirname, '../../../migrations');

/** A database of its own for one test file. */
export interface TestDatabase {
  /** As the service: a member of `causeway_app`. */
  readonly url: string;
  /** As the owner: for migrations and for looking behind the curtain. */
  readonly ownerUrl: string;
  /** Removes the database; close the pools first. */
  drop(): Promise<void>;
}

/**
 * `migrations`: the service whose SQL files are applied, in number order; without it the database is empty.
 */
export interface TestDatabaseOptions {
  readonly migrations?: string;
}

/**
 * A fresh database, copied from a template that is migrated once per run. Works in tests of the project `db`
 * (files named `*.db.test.ts`), for which a throw-away PostgreSQL runs; throws an Error of one sentence
 * elsewhere.
 */
export async function testDatabase({ migrations }: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { cluster, port } = runServer();
  const name = `t_${randomBytes(8).toString('hex')}`;
  const template = migrations === undefined ? undefined : await migratedTemplate(migrations);
  const options = template ? { template, roles: template } : {};
  const urls = await createDatabase(cluster, port, name, options);
  return { ...urls, drop: () => dropDatabase(cluster, port, name) };
}

/** The template for this service's SQL as it stands; made by the first process that asks, under a lock. */
async function migratedTemplate(service: string): Promise<string> {
  const { cluster, port } = runServer();
  // With the tables of the key store beside them, which is a database of its own wherever it matters.
  const files = [...sqlFiles(service), ...sqlFiles('keys')];
  const digest = createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 12);
  const name = `tpl_${service}_${digest}`;
  const client = new pg.Client({ connectionString: roleUrl(cluster, port, 'postgres', 'postgres') });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock(hashtext($1))', [name]);
    const { rows } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate', [
      name,
    ]);
    if (rows.length === 0) {
      await dropDatabase(cluster, port, name);
      const { ownerUrl } = await createDatabase(cluster, port, name);
      await applySql(ownerUrl, files);
      // Only the finished template carries the mark; one that a crash left half made is dropped above.
      await client.query(`UPDATE pg_database SET datistemplate = true WHERE datname = $1`, [name]);
    }
  } finally {
    await client.end();
  }
  return name;
}

interface SqlFile {
  readonly name: string;
  readonly text: string;
}

function sqlFiles(service: string): SqlFile[] {
  const dir = join(MIGRATIONS, service);
  const names = readdirSync(dir).filter((file) => file.endsWith('.sql'));
  return names
    .sort()
    .map((file) => ({ name: basename(file, '.sql'), text: readFileSync(join(dir, file), 'utf8') }));
}

async function applySql(url: string, files: readonly SqlFile[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const file of files) {
      await client.query(file.text).catch((cause: unknown) => {
        throw new Error(`migration ${file.name}: ${cause instanceof Error ? cause.message : 'failed'}`, {
          cause,
        });
      });
    }
  } finally {
    await client.end();
  }
}
