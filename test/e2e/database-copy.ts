import type { Federation } from '@causeway/sandbox/federation';
import pg from 'pg';
import { databaseUrl } from './rows.ts';

/** All rows of a database, table by table, each table as one JSON array. */
export type DatabaseCopy = ReadonlyMap<string, string>;

/** A backup of a member's database, or of the broker's queue, as its superuser takes it. */
export async function copyOf(federation: Federation, member: string): Promise<DatabaseCopy> {
  return await withDatabase(federation, member, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT c.oid::regclass::text AS name FROM pg_class AS c
       WHERE c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
         AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence = 'p'
         AND c.relnamespace::regnamespace::text NOT LIKE 'pg_%' ORDER BY 1`,
    );
    const copy = new Map<string, string>();
    for (const { name } of rows) {
      const { rows: all } = await client.query<{ text: string }>(
        `SELECT coalesce(json_agg(each), '[]')::text AS text FROM ${name} AS each`,
      );
      copy.set(name, all[0]?.text ?? '[]');
    }
    return copy;
  });
}

/** Puts rows of a backup back into these tables, beside what is there. */
export async function bringBack(
  federation: Federation,
  member: string,
  copy: DatabaseCopy,
  tables: readonly string[],
): Promise<void> {
  await withDatabase(federation, member, async (client) => {
    for (const table of tables) {
      const text = `INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1)
        ON CONFLICT DO NOTHING`;
      await client.query(text, [copy.get(table) ?? '[]']);
    }
  });
}

/** The tables in whose rows one of these texts stands, as text or as the bytes of it. */
export function tablesWith(copy: DatabaseCopy, texts: readonly string[]): string[] {
  const marks = texts.flatMap((text) => [text, Buffer.from(text).toString('hex')]);
  return [...copy].flatMap(([table, rows]) => (marks.some((mark) => rows.includes(mark)) ? table : []));
}

async function withDatabase<T>(
  federation: Federation,
  member: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const url = new URL(databaseUrl(federation, member));
  if (member === 'broker-queue') url.pathname = '/broker_queue';
  const client = new pg.Client(url.href);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
