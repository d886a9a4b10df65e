import type { DirectorySource } from '@causeway/member/directory-source';
import { CausewayError } from '@causeway/protocol/errors';
import type { Kysely } from 'kysely';
import type { AuthorityTables } from '../tables.ts';
import type { RootFiles } from './root-files.ts';

/** A signed head and its version, as stored. */
export interface StoredHead {
  readonly version: number;
  readonly jws: string;
}

/** The newest head, or undefined before the signer has signed the first. */
export async function newestHead(db: Kysely<AuthorityTables>): Promise<StoredHead | undefined> {
  const row = await db
    .selectFrom('directory_version')
    .select(['version', 'head'])
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && { version: row.version, jws: row.head };
}

/** An entry's text exactly as it was digested. */
export async function entryText(db: Kysely<AuthorityTables>, digest: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('member_entry')
    .select('body')
    .where('digest', '=', digest)
    .executeTakeFirst();
  return row?.body;
}

/** The authority follows its own directory as every node does, only that it reads it where it was written. */
export function storedDirectory(
  db: Kysely<AuthorityTables>,
  roots: Pick<RootFiles, 'newest'>,
): DirectorySource {
  return {
    roots: async () => JSON.stringify(roots.newest().chain),
    head: async (etag) => {
      const head = await newestHead(db);
      if (!head) throw new CausewayError('not_ready', { internal: 'no directory has been signed yet' });
      const current = etagOf(head.version);
      return etag === current ? undefined : { text: JSON.stringify({ head: head.jws }), etag: current };
    },
    entry: async (digest) => {
      const text = await entryText(db, digest);
      if (text === undefined)
        throw new CausewayError('directory_invalid', { internal: 'an entry is missing' });
      return text;
    },
    proof: 'own',
    close: async () => undefined,
  };
}

/** A strong entity tag (RFC 9110 section 8.8.3): one version, one head. */
export function etagOf(version: number): string {
  return `"${version}"`;
}
