import { digestOf, type Digest, type DirectoryView } from '@causeway/protocol';
import type { Kysely } from 'kysely';

import type { Broker } from './broker.ts';
import type { BrokerTables } from './tables.ts';

const archived = new WeakMap<Kysely<BrokerTables>, Set<Digest>>();

/**
 * Keeps the directory under which statements are judged now, so that the evidence of years later can be
 * checked. Called before the transaction that cites it: an archived directory that nothing cites harms
 * nobody. Returns the digest to store beside the statement.
 */
export async function archiveDirectory(broker: Broker, view: DirectoryView): Promise<Digest> {
  const { entries, head } = view.evidence;
  const digest = digestOf(head);
  const known = archived.get(broker.db) ?? new Set();
  archived.set(broker.db, known);
  if (known.has(digest)) return digest;
  await broker.db
    .insertInto('directory_archive')
    .values({
      head_digest: digest,
      version: view.version,
      head,
      entries: [...entries],
    })
    .onConflict((conflict) => conflict.column('head_digest').doNothing())
    .execute();
  known.add(digest);
  return digest;
}
