import { CausewayError } from '@causeway/protocol';
import type { DirectoryView } from '@causeway/protocol';
import { sql } from 'kysely';
import type { Transaction } from 'kysely';

/** The version of the directory that this node's processes have adopted; 0 where there is none yet. */
export async function adoptedVersion<DB>(trx: Transaction<DB>): Promise<number> {
  const { rows } = await sql<{ version: number }>`SELECT version FROM directory_state`.execute(trx);
  return rows[0]?.version ?? 0;
}

/**
 * The last look at the member that personal data goes to, in the transaction of the release, with the
 * member's lock (`memberKey`) held shared: another process of this node may have acknowledged a suspension
 * that this one has not heard of. `adopted` is read in that transaction (`adoptedVersion`, `batchStatus`).
 * @throws CausewayError not_ready where a newer directory has been adopted than `view`; member_suspended,
 * member_unknown
 */
export function checkActiveMember(view: DirectoryView, member: string, adopted: number): void {
  if (adopted > view.version) {
    throw new CausewayError('not_ready', { internal: 'another process has adopted a newer directory' });
  }
  const entry = view.member(member);
  if (entry === undefined) throw new CausewayError('member_unknown');
  if (entry.status !== 'active') throw new CausewayError('member_suspended');
}
