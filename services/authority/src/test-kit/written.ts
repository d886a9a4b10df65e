import { createDatabase } from '@causeway/service/database';
import { createLog } from '@causeway/service/log';

const TABLES = [
  'application',
  'officer_act',
  'member_entry',
  'member',
  'certificate',
  'warrant',
  'blind_budget',
  'replay_seen',
  'leaf',
] as const;

const LEAVES = 'SELECT digest FROM leaf UNION SELECT digest FROM leaf_staging';

type Table = (typeof TABLES)[number];

/**
 * Rows per table, to show that a refusal wrote nothing. One statement, so that a leaf which is being placed
 * meanwhile is seen once: leaves placed and waiting are counted together.
 */
export async function rowsWritten(
  ownerUrl: string,
  without: readonly Table[] = [],
): Promise<Record<string, unknown>> {
  const columns = TABLES.filter((name) => !without.includes(name)).map((name) => {
    const rows = name === 'leaf' ? LEAVES : `SELECT FROM ${name}`;
    return `(SELECT count(*) FROM (${rows}) AS each) AS ${name}`;
  });
  const [counts = {}] = await queryOwner(ownerUrl, `SELECT ${columns.join(', ')}`);
  return counts;
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
