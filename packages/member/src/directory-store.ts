import { parseStrictJson } from '@causeway/protocol';
import type { RootFile } from '@causeway/protocol';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/** A directory as received, before and after any check: texts only. */
export interface StoredDirectory {
  readonly version: number;
  /** The signed head. */
  readonly head: string;
  /** The entry texts that the head names, by digest. */
  readonly entries: ReadonlyMap<string, string>;
}

/** Keeps the highest directory version in the node's own database, across restarts and replicas. */
export interface DirectoryStore {
  load(): Promise<StoredDirectory | undefined>;
  /** The root files followed so far, oldest first. */
  roots(): Promise<RootFile[]>;
  /**
   * Adds the root files after those that are there. Returns all that are stored afterwards: longer than what
   * was given where another replica was faster.
   */
  keepRoots(files: readonly RootFile[]): Promise<RootFile[]>;
  /** Stores it unless a newer one is there. Returns the version that is stored afterwards. */
  keepHighest(directory: StoredDirectory): Promise<number>;
  /** The texts already held for these digests. */
  entries(digests: readonly string[]): Promise<Map<string, string>>;
}

/** The store over tables `directory_state`, `directory_entry` and `root_file`. */
export function createDirectoryStore<DB>(db: Kysely<DB>): DirectoryStore {
  const entries = async (digests: readonly string[]): Promise<Map<string, string>> => {
    const { rows } = await sql<{ digest: string; body: string }>`
      SELECT digest, body FROM directory_entry WHERE digest = ANY(${[...digests]}::text[])
    `.execute(db);
    return new Map(rows.map((row) => [row.digest, row.body]));
  };
  const roots = async (): Promise<RootFile[]> => {
    const { rows } = await sql<{ body: string }>`SELECT body FROM root_file ORDER BY version`.execute(db);
    return rows.map(({ body }) => parseStrictJson(body) as RootFile);
  };
  return {
    entries,
    roots,
    keepRoots: async (files) => {
      const bodies = files.map((file) => JSON.stringify(file));
      // A crash after it leaves root files that no head has needed yet; they have been checked.
      await sql`
        INSERT INTO root_file (version, body)
        SELECT version, body FROM unnest(${bodies}::text[]) WITH ORDINALITY AS file (body, version)
        ON CONFLICT (version) DO NOTHING
      `.execute(db);
      return await roots();
    },
    load: async () => {
      const { rows } = await sql<Omit<StoredDirectory, 'entries'>>`
        SELECT version, head FROM directory_state
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
      const { version, head } = directory;
      await sql`
        INSERT INTO directory_state (version, head) VALUES (${version}, ${head})
        ON CONFLICT (only_row) DO UPDATE SET version = excluded.version, head = excluded.head
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
