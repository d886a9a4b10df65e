import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/** A directory as received, before and after any check: texts only. */
export interface StoredDirectory {
  readonly version: number;
  /** JSON text of the root file. */
  readonly root: string;
  /** The signed head. */
  readonly head: string;
  /** The entry texts that the head names, by digest. */
  readonly entries: ReadonlyMap<string, string>;
}

/** Keeps the highest directory version in the node's own database, across restarts and replicas. */
export interface DirectoryStore {
  load(): Promise<StoredDirectory | undefined>;
  /** Stores it unless a newer one is there. Returns the version that is stored afterwards. */
  keepHighest(directory: StoredDirectory): Promise<number>;
  /** The texts already held for these digests. */
  entries(digests: readonly string[]): Promise<Map<string, string>>;
}

/** The store over tables `directory_state` and `directory_entry`. */
export function createDirectoryStore<DB>(db: Kysely<DB>): DirectoryStore {
  const entries = async (digests: readonly string[]): Promise<Map<string, string>> => {
    const { rows } = await sql<{ digest: string; body: string }>`
      SELECT digest, body FROM directory_entry WHERE digest = ANY(${[...digests]}::text[])
    `.execute(db);
    return new Map(rows.map((row) => [row.digest, row.body]));
  };
  return {
    entries,
    load: async () => {
      const { rows } = await sql<Omit<StoredDirectory, 'entries'>>`
        SELECT version, root, head FROM directory_state
      `.execute(db);
      const [row] = rows;
      if (row === undefined) return undefined;
      const all = await sql<{
        digest: string;
        body: string;
      }>`SELECT digest, body FROM directory_entry`.execute(db);
      return { ...row, entries: new Map(all.rows.map((entry) => [entry.digest, entry.body])) };
    },
    keepHighest: async (directory) => {
      await storeEntries(db, directory.entries);
      // A crash here leaves entries that no head names yet; they are immutable and wait for the next poll.
      const { version, root, head } = directory;
      await sql`
        INSERT INTO directory_state (version, root, head) VALUES (${version}, ${root}, ${head})
        ON CONFLICT (only_row) DO UPDATE
        SET version = excluded.version, root = excluded.root, head = excluded.head
        WHERE directory_state.version <= excluded.version
      `.execute(db);
      const { rows } = await sql<{ version: number }>`SELECT version FROM directory_state`.execute(db);
      return rows[0]?.version ?? version;
    },
  };
}

async function storeEntries<DB>(db: Kysely<DB>, entries: ReadonlyMap<string, string>): Promise<void> {
  if (entries.size === 0) return;
  await sql`
    INSERT INTO directory_entry (digest, body)
    SELECT * FROM unnest(${[...entries.keys()]}::text[], ${[...entries.values()]}::text[])
    ON CONFLICT (digest) DO NOTHING
  `.execute(db);
}
