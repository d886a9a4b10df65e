import type { Federation } from '@causeway/sandbox/federation';
import pg from 'pg';

/**
 * Tables that change while nothing is decided: the directory that a node follows, the sizes of its ledger,
 * what the reconciler reads of all ledgers, the proofs of possession it has seen once, what the time tells
 * people, and which life of a subject a key is of, which begins before anything is decided. Leaves are
 * counted apart, placed and staged together.
 */
const BY_ITSELF = new Set([
  'directory_state',
  'directory_entry',
  'directory_version',
  'directory_archive',
  'root_file',
  'ledger_state',
  'leaf',
  'leaf_staging',
  'ledger_position',
  'opening',
  'reconciled',
  'reconciliation_alarm',
  'reconciliation_alarm_closed',
  'ledger_tile',
  'ledger_checkpoint',
  'ledger_cosignature',
  'witnessed',
  'replay_seen',
  'subject_event',
  'follower',
  'consent_notice',
  'consent_sweep',
  'late_line_sweep',
  'subject_life',
  'kysely_migration',
  'kysely_migration_lock',
]);

/** A leaf staged again for the same statement stays one leaf. */
const LEAVES =
  'SELECT count(*) AS n FROM (SELECT digest FROM leaf UNION SELECT digest FROM leaf_staging) AS each';

/**
 * How many rows every table of a member's database has, read as the database's superuser. Taken before and
 * after a refusal, it shows that nothing was written.
 */
export async function rowCounts(federation: Federation, member: string): Promise<Record<string, number>> {
  const client = new pg.Client(databaseUrl(federation, member));
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`,
    );
    const counts: Record<string, number> = {};
    for (const { name } of rows) {
      if (BY_ITSELF.has(name)) continue;
      const { rows: counted } = await client.query<{ n: string }>(`SELECT count(*) AS n FROM "${name}"`);
      counts[name] = Number(counted[0]?.n);
    }
    if (member !== 'authority')
      counts['leaves'] = Number((await client.query<{ n: string }>(LEAVES)).rows[0]?.n);
    return counts;
  } finally {
    await client.end();
  }
}

/** One query on a member's database, for what no route tells. */
export async function queryDatabase<R extends pg.QueryResultRow>(
  federation: Federation,
  member: string,
  text: string,
  values: unknown[] = [],
): Promise<R[]> {
  const client = new pg.Client(databaseUrl(federation, member));
  await client.connect();
  try {
    return (await client.query<R>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** The address of a member's database for its superuser. */
export function databaseUrl(federation: Federation, member: string): string {
  const url = new URL(federation.postgres.superuserUrl);
  url.pathname = `/causeway_${member.replaceAll('-', '_')}`;
  return url.href;
}
