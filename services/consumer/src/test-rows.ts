import { createDatabase, type Database } from '@causeway/service';
import { sql } from 'kysely';
import type { World } from './test-world.ts';

const tables = [
  ...['consent_use', 'basis_use', 'grant_holder', 'refusal', 'access', 'leaf_staging', 'stop'],
  ...['status_delivery', 'subject_freeze', 'subject_link', 'link_request', 'passkey', 'passkey_notice'],
  ...['mandate', 'guardianship_act', 'consent', 'dispute'],
];

/** How many rows the features write, table by table, and the uses that all consents have spent together. */
async function rowCounts({ consumer: { db } }: World): Promise<Record<string, number>> {
  const counts = tables.map(async (table) => {
    const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM ${sql.table(table)}`.execute(db);
    return [table, rows[0]?.n ?? 0] as const;
  });
  const { rows } = await sql<{ n: number | null }>`SELECT sum(uses)::int AS n FROM consent`.execute(db);
  return { ...Object.fromEntries(await Promise.all(counts)), uses: Number(rows[0]?.n ?? 0) };
}

/** Runs `act` and returns what it added: only tables that changed. */
export async function added(world: World, act: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await rowCounts(world);
  await act();
  const after = await rowCounts(world);
  const changes = Object.entries(after).map(([table, n]) => [table, n - (before[table] ?? 0)] as const);
  return Object.fromEntries(changes.filter(([, n]) => n !== 0));
}

/** What a refusal at redemption adds, and nothing else. */
export const refusalOnly = { refusal: 1, access: 1, leaf_staging: 1 };

/** The database's owner, for what the service itself cannot do. */
export function ownerOf(url: string, { consumer }: World): Database<unknown> {
  return createDatabase<unknown>({ url, name: 'owner', max: 1, log: consumer.log });
}
