import type { Clock, Random } from '@causeway/kernel';
import { isDigest } from '@causeway/protocol/digest';
import type { SigningKey } from '@causeway/protocol/keys';
import { stageLeaf } from '@causeway/member/leaves';
import { transaction } from '@causeway/service/database';
import { type Kysely, type Transaction, sql } from 'kysely';
import type { AuthorityTables } from '../tables.ts';
import { type DirectoryContent, type LatestHead, contentText, isDue, signHead } from './head.ts';

export interface Signer {
  readonly key: SigningKey;
  readonly fed: string;
  readonly clock: Clock;
  readonly random: Random;
}

/** Advisory lock of the single writer: replicas of the signer take turns. */
const WRITER_LOCK = 7_100_001;

/**
 * Makes the newest head vouch for the members as they are now, with what else stands `beside` them, and
 * returns its version. A head is signed only where something changed or the present one grows old; versions
 * grow by one.
 */
export async function publish(
  db: Kysely<AuthorityTables>,
  beside: Omit<DirectoryContent, 'entries'>,
  signer: Signer,
): Promise<number> {
  return await transaction(db, async (trx) => {
    await sql`SELECT pg_advisory_xact_lock(${WRITER_LOCK})`.execute(trx);
    const latest = await latestHead(trx);
    const content: DirectoryContent = { ...beside, entries: await entriesInForce(trx) };
    const text = contentText(content, signer.key.kid);
    if (latest && !isDue(latest, text, signer.clock.now())) return latest.version;
    const version = (latest?.version ?? 0) + 1;
    await store(trx, version, content, signer);
    return version;
  });
}

async function latestHead(trx: Transaction<AuthorityTables>): Promise<LatestHead | undefined> {
  const row = await trx
    .selectFrom('directory_version')
    .select(['version', 'content', 'issued_at_ms'])
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && { version: row.version, content: row.content, issuedAtMs: row.issued_at_ms };
}

async function entriesInForce(trx: Transaction<AuthorityTables>): Promise<DirectoryContent['entries']> {
  const rows = await trx.selectFrom('member').select(['id', 'entry']).orderBy('id').execute();
  return rows.map(({ id, entry }) => {
    if (!isDigest(entry)) throw new RangeError('a member row names its entry by digest');
    return { member: id, digest: entry };
  });
}

async function store(
  trx: Transaction<AuthorityTables>,
  version: number,
  content: DirectoryContent,
  signer: Signer,
): Promise<void> {
  const head = signHead(version, content, signer);
  await trx
    .insertInto('directory_version')
    .values({
      version,
      digest: head.digest,
      head: head.jws,
      content: contentText(content, signer.key.kid),
      issued_at_ms: signer.clock.now(),
    })
    .execute();
  // A crash before COMMIT leaves neither head nor leaf, and the next tick signs the same version anew: nobody
  // has seen the first. After it both are there, and the HTTP process finds the head at its next look.
  await stageLeaf(trx, 'directory', {
    typ: 'directory',
    digest: head.digest,
    inquiry: null,
    use: null,
    iss: signer.key.member,
    aud: 'all',
    at_ms: signer.clock.now(),
    outcome: null,
  });
}
