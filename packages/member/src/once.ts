import { CausewayError } from '@causeway/protocol';
import type { Digest } from '@causeway/protocol';
import { sql } from 'kysely';
import type { Transaction } from 'kysely';

/**
 * Counts a key once: the first caller gets 'first', a repeat with the same digest 'repeat'. For statements
 * that have no row of their own with a unique index. Two at once: the second waits for the first transaction
 * to end.
 * @throws CausewayError once_conflict: the key came before with another digest
 */
export async function recordOnce<DB>(
  trx: Transaction<DB>,
  { partitionKey, scope, key, digest }: { partitionKey: string; scope: string; key: string; digest: Digest },
): Promise<'first' | 'repeat'> {
  const inserted = await sql`
    INSERT INTO once_key (partition_key, scope, key, digest)
    VALUES (${partitionKey}, ${scope}, ${key}, ${digest})
    ON CONFLICT (partition_key, scope, key) DO NOTHING
  `.execute(trx);
  if (inserted.numAffectedRows === 1n) return 'first';
  const { rows } = await sql<{ digest: string }>`
    SELECT digest FROM once_key WHERE partition_key = ${partitionKey} AND scope = ${scope} AND key = ${key}
  `.execute(trx);
  if (rows[0]?.digest !== digest) throw new CausewayError('once_conflict');
  return 'repeat';
}
