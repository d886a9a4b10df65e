import { type Kysely, sql } from 'kysely';

import type { BrokerTables } from './tables.ts';

/**
 * Deletes the inquiries that are sealed under keys of lives that have ended: a process that had the key in
 * memory may have accepted one after the erasure. Returns how many there were.
 */
export async function buryLivesIn(db: Kysely<BrokerTables>, lives: readonly string[]): Promise<number> {
  const { rows } = await sql<{ n: number }>`SELECT bury_lives(${[...lives]}::uuid[]) AS n`.execute(db);
  return rows[0]?.n ?? 0;
}
