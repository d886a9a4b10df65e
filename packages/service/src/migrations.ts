import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { Kysely, PostgresDialect, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Migration, MigrationProvider } from 'kysely/migration';
import pg from 'pg';

import { surviveLostConnections } from './database.ts';
import type { Log } from './log.ts';

/**
 * Brings a database to the newest of the numbered SQL files in `dir` (`0001_member.sql`, ...), forward only,
 * as the owner role. All of them run in one transaction under an advisory lock, so that replicas may start at
 * once and a failed file leaves nothing behind.
 */
export async function migrate(options: { ownerUrl: string; dir: string; log: Log }): Promise<void> {
  const pool = new pg.Pool({ connectionString: options.ownerUrl, max: 2, application_name: 'migrations' });
  surviveLostConnections(pool, options.log);
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    const migrator = new Migrator({ db, provider: sqlFiles(options.dir) });
    const { error, results } = await migrator.migrateToLatest();
    for (const result of results ?? []) {
      options.log.info({ event: 'migration', migration: result.migrationName, state: result.status });
    }
    if (error instanceof Error) throw error;
    if (error !== undefined) throw new Error('a migration failed', { cause: error });
  } finally {
    await db.destroy();
  }
}

function sqlFiles(dir: string): MigrationProvider {
  return {
    getMigrations: async () => {
      const names = (await readdir(dir)).filter((name) => name.endsWith('.sql')).toSorted();
      const migrations: Record<string, Migration> = {};
      for (const name of names) {
        if (!/^[0-9]{4}_[a-z0-9_]+\.sql$/u.test(name)) throw new Error(`${name} is not named as a migration`);
        const text = await readFile(join(dir, name), 'utf8');
        migrations[name.slice(0, -4)] = { up: async (db) => void (await sql.raw(text).execute(db)) };
      }
      return migrations;
    },
  };
}
