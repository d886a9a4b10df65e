import { createDatabase } from '@causeway/service/database';
import { createLog } from '@causeway/service/log';
import { sql } from 'kysely';

const TABLES = [
  'application',
  'officer_act',
  'member_entry',
  'member',
  'certificate',
  'blind_budget',
  'replay_seen',
  'leaf',
  'leaf_staging',
] as const;

type Table = (typeof TABLES)[number];

/** Rows per table, to show that a refusal wrote nothing; leaves placed and waiting are counted together. */
export async function rowsWritten(
  ownerUrl: string,
  without: readonly Table[] = [],
): Promise<Record<string, number>> {
  const log = createLog({ name: 'test', level: 'silent' });
  const database = createDatabase<Record<string, never>>({ url: ownerUrl, name: 'test', max: 1, log });
  const { db } = database;
  try {
    const counts: Record<string, number> = {};
    for (const table of TABLES.filter((name) => !without.includes(name))) {
      const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM ${sql.table(table)}`.execute(db);
      const name = table === 'leaf_staging' ? 'leaf' : table;
      counts[name] = (counts[name] ?? 0) + (rows[0]?.n ?? 0);
    }
    return counts;
  } finally {
    await database.close();
  }
}

/** Rows of one query, as the owner of the database. */
export async function queryOwner(ownerUrl: string, text: string): Promise<Record<string, unknown>[]> {
  const log = createLog({ name: 'test', level: 'silent' });
  const database = createDatabase({ url: ownerUrl, name: 'test', max: 1, log });
  const { pool } = database;
  try {
    const { rows } = await pool.query<Record<string, unknown>>(text);
    return rows;
  } finally {
    await database.close();
  }
}
