import { type MemberEntry, sha256Digest } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { queryDatabase } from './rows.ts';

const HOUR_S = 3600;

/**
 * Lets a member's keys have been enrolled an hour ago, which no test can wait for: an entry that says so is
 * put in force in the authority's own database, and the next directory carries it to every node within a few
 * seconds.
 */
export async function ageKeys(federation: Federation, member: string): Promise<void> {
  const text = `SELECT e.body FROM member m JOIN member_entry e ON e.digest = m.entry WHERE m.id = $1`;
  const [row] = await queryDatabase<{ body: string }>(federation, 'authority', text, [member]);
  const entry = JSON.parse(row?.body ?? '') as MemberEntry;
  const keys = entry.keys.map((key) => ({ ...key, from: key.from - HOUR_S }));
  const body = JSON.stringify({ ...entry, keys });
  const digest = sha256Digest(body);
  const values = [digest, member, body, Date.now()];
  const added = 'INSERT INTO member_entry (digest, member, body, at_ms) VALUES ($1, $2, $3, $4)';
  await queryDatabase(federation, 'authority', added, values);
  await queryDatabase(federation, 'authority', 'UPDATE member SET entry = $1 WHERE id = $2', [
    digest,
    member,
  ]);
}
